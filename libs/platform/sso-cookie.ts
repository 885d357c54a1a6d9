import type { SsoProfile } from '#libs/tenancy/domain/sso-profile.js';

type Way = SsoProfile['type'];

/**
 * Lax for OpenID Connect: the way back is a navigation, which Strict would send without the cookie. SAML comes back by
 * a form of the provider's page, with which no Lax cookie comes; this one opens nothing, it only tells browsers apart.
 */
const cookies: Readonly<Record<Way, { readonly name: string; readonly sameSite: 'Lax' | 'None' }>> = {
  oidc: { name: '__Host-whisper-sso', sameSite: 'Lax' },
  saml: { name: '__Host-whisper-saml', sameSite: 'None' },
};
const form = /^[A-Za-z0-9_-]{43}$/;

/** The text that ties a sign-in at an identity provider to the browser that began it, or null. */
export function readSsoCookie(way: Way, header: string | undefined): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, value = ''] = part.trim().split('=');
    if (key === cookies[way].name && form.test(value)) return value;
  }
  return null;
}

/** The Set-Cookie value for a departure; it lasts as long as the way may take. */
export function ssoCookie(way: Way, browser: string): string {
  return cookieOf(way, browser, 600);
}

/** The Set-Cookie value for when it is over. */
export function clearedSsoCookie(way: Way): string {
  return cookieOf(way, '', 0);
}

function cookieOf(way: Way, value: string, seconds: number): string {
  const { name, sameSite } = cookies[way];
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=${sameSite}`;
}
