/** Session cookies: `__Host-` binds them to one host, without a Domain, over a secure or localhost origin. */
const names = { chat: '__Host-whisper', admin: '__Host-whisper-admin' } as const;

export type CookieFace = keyof typeof names;

/** The session token of the face in a Cookie header, or null. */
export function readSessionCookie(face: CookieFace, header: string | undefined): string | null {
  const prefix = `${names[face]}=`;
  for (const part of (header ?? '').split(';')) {
    const pair = part.trim();
    if (pair.startsWith(prefix)) return pair.slice(prefix.length);
  }
  return null;
}

/** The Set-Cookie value of a new session that lasts `maxAgeSeconds`. */
export function sessionCookie(face: CookieFace, token: string, maxAgeSeconds: number): string {
  return `${names[face]}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; Secure; SameSite=Lax`;
}

/** The Set-Cookie value that ends a session. */
export function clearedSessionCookie(face: CookieFace): string {
  return `${names[face]}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`;
}
