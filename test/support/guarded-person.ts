import type { Browser } from './browser.js';
import { Authenticator } from './authenticator.js';

/** Somebody's authenticator app, just set up, and the recovery codes that came with it. */
export interface Guard {
  readonly app: Authenticator;
  readonly recoveryCodes: readonly string[];
}

/** Sets an authenticator app up for whoever is signed in. */
export async function setUpApp(browser: Browser, at: () => Date = () => new Date()): Promise<Guard> {
  const { json } = await browser.call('POST', '/api/security/totp');
  const app = new Authenticator(String(json['secret']));
  const code = app.code(at());
  const confirmed = await browser.call('POST', '/api/security/totp/confirm', { setup: json['setup'], code });
  if (confirmed.status !== 200) throw new Error(`not set up: ${confirmed.text}`);
  return { app, recoveryCodes: (confirmed.json['recoveryCodes'] ?? []) as string[] };
}
