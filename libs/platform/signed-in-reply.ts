import type { FastifyReply } from 'fastify';
import type { MeView, SignInView } from '#libs/contracts/session-api.js';
import { pagesOf } from '#libs/identity/domain/abilities.js';
import type { SessionIdentity } from '#libs/identity/domain/caller-identity.js';
import type { OpenedSession } from '#libs/identity/domain/opened-session.js';
import type { SignInAnswer } from '#libs/identity/domain/sign-in-answer.js';
import { type CookieFace, sessionCookie } from './session-cookie.js';

/** The signed-in person as both faces show them. */
export function meView(identity: SessionIdentity, hasPassword: boolean): MeView {
  return {
    userId: identity.personId,
    sessionId: identity.sessionId,
    email: identity.email,
    name: identity.name,
    role: identity.role,
    roleName: identity.roleName,
    hasPassword,
    mayAdmin: pagesOf(identity.ability).length > 0,
  };
}

/** Gives the browser its new session and says who it is. */
export function signedIn(reply: FastifyReply, face: CookieFace, opened: OpenedSession): MeView {
  void reply.header('set-cookie', sessionCookie(face, opened.token, opened.maxAgeSeconds));
  return meView(opened.identity, opened.hasPassword);
}

/** The answer to a first step: the session, or what is asked for next. */
export function signInView(reply: FastifyReply, answer: SignInAnswer): SignInView {
  if (answer.kind === 'opened') return { kind: 'signed-in', me: signedIn(reply, 'chat', answer.opened) };
  const { ticket, expiresAt } = answer;
  const step = { ticket, expiresAt: expiresAt.toISOString() };
  return answer.kind === 'enrol'
    ? { ...step, kind: 'enrol', ways: [...answer.ways] }
    : { ...step, kind: 'second-factor', factors: [...answer.factors] };
}
