// The faces and the router over a real database; who calls is found out, or taken for granted, as the last message
// said. WHISPER_TEST_POSTGRES names the server. Its first message names the ports and the credentials.
import type { AddressInfo } from 'node:net';
import type { KeyIdentity, ServiceIdentity, SessionIdentity } from '#libs/identity/domain/caller-identity.js';
import { KeyAuthenticator } from '#libs/identity/ports/key-authenticator.js';
import { ServiceTokenVerifier } from '#libs/identity/ports/service-tokens.js';
import { SessionAuthenticator } from '#libs/identity/ports/session-authenticator.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { backendAt, startRouter } from '#test/support/router-app.js';
import { startFaces } from '#test/support/faces.js';

let isGranted = false;

/** Answers what the first look has found, without another one, while `isGranted`. */
function remembering<Key, Answer>(look: (key: Key) => Promise<Answer>): (key: Key) => Promise<Answer> {
  let known: Answer | undefined;
  return async (key) => {
    if (isGranted && known !== undefined) return known;
    known = await look(key);
    return known;
  };
}

class Sessions extends SessionAuthenticator {
  private readonly look: (asked: [Tenant, 'chat' | 'admin', string]) => Promise<SessionIdentity | null>;
  constructor(private readonly real: SessionAuthenticator) {
    super();
    this.look = remembering((asked) => real.authenticate(...asked));
  }
  override authenticate(...asked: [Tenant, 'chat' | 'admin', string]): Promise<SessionIdentity | null> {
    return this.look(asked);
  }
  override onRevoked(handler: (sessionId: string) => void): void {
    this.real.onRevoked(handler);
  }
  override onRenewed(handler: Parameters<SessionAuthenticator['onRenewed']>[0]): void {
    this.real.onRenewed(handler);
  }
  override seen(tenant: Tenant, session: SessionIdentity): Promise<void> {
    return this.real.seen(tenant, session);
  }
}

class Keys extends KeyAuthenticator {
  private readonly look: (asked: [string, string | null]) => Promise<KeyIdentity>;
  constructor(real: KeyAuthenticator) {
    super();
    this.look = remembering((asked) => real.authenticate(...asked));
  }
  override authenticate(...asked: [string, string | null]): Promise<KeyIdentity> {
    return this.look(asked);
  }
}

class Tokens extends ServiceTokenVerifier {
  private readonly look: (asked: [string, string]) => Promise<ServiceIdentity>;
  constructor(real: ServiceTokenVerifier) {
    super();
    this.look = remembering((asked) => real.verify(...asked));
  }
  override verify(...asked: [string, string]): Promise<ServiceIdentity> {
    return this.look(asked);
  }
}

const faces = await startFaces({ tenantAddresses: 'any', authenticator: (real) => new Sessions(real) });
const tenant = await faces.database.provision('acme', {});
const { chat } = await faces.enter(tenant);
const { text } = await faces.identity.createKeyByCli(tenant, 'bench');
const router = await startRouter({
  keys: new Keys(faces.identity.keyAuthenticator),
  tokens: (real) => new Tokens(real),
});
router.tenants.add(tenant);
await router.setBackends([backendAt('mock', 'http://127.0.0.1:9/v1')]);
router.server.keepAliveTimeout = 60_000;

let units = 0;
const run = faces.database.sessions.run.bind(faces.database.sessions);
faces.database.sessions.run = (...asked) => {
  units += 1;
  return run(...asked);
};
process.on('message', (message: 'granted' | 'checked' | 'cpu') => {
  if (message !== 'cpu') isGranted = message === 'granted';
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicros: user + system, units });
});
process.send?.({
  facesPort: faces.port,
  routerPort: (router.server.address() as AddressInfo).port,
  cookie: `__Host-whisper=${chat.cookie('__Host-whisper') ?? ''}`,
  key: text,
  token: await router.serviceToken(tenant),
});
