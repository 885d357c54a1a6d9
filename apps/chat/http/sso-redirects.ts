import type { FastifyReply } from 'fastify';
import { pagePaths } from '#libs/contracts/page-paths.js';
import type { SsoArrival, SsoDeparture } from '#libs/identity/app/sign-in-with-sso.js';
import { AppError } from '#libs/kernel/errors.js';
import type { Caller } from '#libs/platform/nest/caller.js';
import { sessionCookie } from '#libs/platform/session-cookie.js';
import { clearedSsoCookie, ssoCookie } from '#libs/platform/sso-cookie.js';
import type { SsoProfile } from '#libs/tenancy/domain/sso-profile.js';

/** Sends the browser to the identity provider. */
export function depart(reply: FastifyReply, { url, type, browser }: SsoDeparture): void {
  void reply.header('set-cookie', ssoCookie(type, browser)).header('location', url);
}

/** Gives the browser its session, where one was opened, and sends it to where it wanted to go. */
export function arrive(reply: FastifyReply, way: SsoProfile['type'], { returnTo, opened }: SsoArrival): void {
  const session = opened === null ? [] : [sessionCookie('chat', opened.token, opened.maxAgeSeconds)];
  void reply.header('set-cookie', [...session, clearedSsoCookie(way)]).header('location', returnTo);
}

/** A person who comes here by navigation sees the sign-in page with the failure; a program gets the error itself. */
export async function explainFailure(
  reply: FastifyReply,
  { caller, accept }: { readonly caller: Caller; readonly accept: string | undefined },
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError) || !(accept ?? '').includes('text/html')) throw error;
    const query = new URLSearchParams({ error: error.code, id: caller.requestId });
    void reply.header('location', `${pagePaths.signIn}?${query.toString()}`);
  }
}
