const name = '__Host-whisper-sso';
const form = /^[A-Za-z0-9_-]{43}$/;

/** The text that ties a sign-in at an identity provider to the browser that began it, or null. */
export function readSsoCookie(header: string | undefined): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, value = ''] = part.trim().split('=');
    if (key === name && form.test(value)) return value;
  }
  return null;
}

/** Lax: the way back from the provider is a navigation, which Strict would send without the cookie. */
export function ssoCookie(browser: string): string {
  return `${name}=${browser}; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax`;
}

/** The Set-Cookie value for when it is over. */
export function clearedSsoCookie(): string {
  return `${name}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`;
}
