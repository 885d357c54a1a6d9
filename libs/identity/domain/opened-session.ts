import type { SessionIdentity } from './caller-identity.js';

/** A session that was just made. Its token is shown to the browser and kept nowhere. */
export interface OpenedSession {
  readonly token: string;
  readonly maxAgeSeconds: number;
  readonly identity: SessionIdentity;
  readonly hasPassword: boolean;
}
