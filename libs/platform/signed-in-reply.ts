import type { FastifyReply } from 'fastify';
import type { MeView } from '#libs/contracts/session-api.js';
import { pagesOf } from '#libs/identity/domain/abilities.js';
import type { SessionIdentity } from '#libs/identity/domain/caller-identity.js';
import type { OpenedSession } from '#libs/identity/domain/opened-session.js';
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
