import { beforeEach, describe, expect, it } from '@jest/globals';
import { TokenClient } from '#libs/contracts/token-exchange.js';
import { RandomIds } from '#libs/kernel/ids.js';
import { isServed, type Tenant } from '#libs/tenancy/domain/tenant.js';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { memoryTenant, MemoryTenants } from '#test/fakes/memory-tenants.js';
import type { PodIdentity, PodProof } from '../domain/pod-identity.js';
import { type ExchangeRefusal, ExchangeTelemetry } from '../ports/exchange-telemetry.js';
import { PodVerifier } from '../ports/pod-verifier.js';
import { ServiceTokenSigner, type ServiceTokenRequest } from '../ports/service-tokens.js';
import { ExchangeToken } from './exchange-token.js';

/** A token that says who its pod is, in words. */
class SpokenTokens extends PodVerifier {
  override verify(token: string): Promise<PodProof> {
    const [namespace = '', account = ''] = token.split('/');
    return Promise.resolve(
      token === 'forged'
        ? { kind: 'refused', reason: 'key' }
        : { kind: 'believed', pod: { namespace, account, pod: 'p' } },
    );
  }
}

class SpokenSigner extends ServiceTokenSigner {
  constructor(private readonly clock: ManualClock) {
    super();
  }
  override sign(service: string, { audience, tenant, actor }: ServiceTokenRequest) {
    const token = [service, audience, tenant.slug, tenant.epoch, actor].join(' ');
    return Promise.resolve({ token, expiresAt: new Date(this.clock.now().getTime() + 300_000) });
  }
}

class Heard extends ExchangeTelemetry {
  readonly lines: [ExchangeRefusal | 'given', string | null][] = [];
  override given(service: string): void {
    this.lines.push(['given', service]);
  }
  override refused(reason: ExchangeRefusal, pod: PodIdentity | null): void {
    this.lines.push([reason, pod === null ? null : `${pod.namespace}/${pod.account}`]);
  }
}

const person = new RandomIds().next();
const audience = 'whisper-router';

describe('the exchange of a pod’s token', () => {
  let heard: Heard;
  let tenants: MemoryTenants;
  let acme: Tenant;
  let exchange: ExchangeToken;
  beforeEach(() => {
    const clock = new ManualClock();
    heard = new Heard();
    tenants = new MemoryTenants();
    acme = tenants.add(memoryTenant('acme'));
    exchange = new ExchangeToken({
      pods: new SpokenTokens(),
      clients: ['chat=whisper-acme/chat', 'admin=whisper-acme/admin'].map((text) => TokenClient.parse(text)),
      directory: tenants,
      signer: new SpokenSigner(clock),
      telemetry: heard,
      clock,
    });
  });
  const ask = (pod: string, change: object = {}) =>
    exchange.exchange(pod, { audience, tenant: acme.id, epoch: acme.epoch, actor: person, ...change });

  it.each(['chat', 'admin'] as const)('gives %s a token of its own for the router, for five minutes', async (app) => {
    expect(await ask(`whisper-acme/${app}`)).toEqual({
      token: `${app} whisper-router acme 1 ${person}`,
      expiresInSeconds: 300,
    });
    expect(heard.lines).toEqual([['given', app]]);
    expect(await exchange.introduce(`whisper-acme/${app}`)).toEqual({ service: app });
  });

  it('gives one for nobody in particular', async () => {
    expect((await ask('whisper-acme/chat', { actor: null })).token).toMatch(/ acme 1 $/);
  });

  it.each<[string, string, ExchangeRefusal, string | null]>([
    ['a token that its cluster did not sign', 'forged', 'key', null],
    ['a pod of another tenant', 'whisper-globex/chat', 'account', 'whisper-globex/chat'],
    ['a pod of another namespace under the same name', 'default/chat', 'account', 'default/chat'],
    ['the router’s own account', 'whisper-acme/router', 'account', 'whisper-acme/router'],
    ['the account that every pod has', 'whisper-acme/default', 'account', 'whisper-acme/default'],
  ])('refuses %s, tells why to operators alone', async (_case, token, reason, pod) => {
    const same = { code: 'unauthenticated', message: 'This pod is not known here.' };

    await expect(ask(token)).rejects.toMatchObject(same);
    await expect(exchange.introduce(token)).rejects.toMatchObject(same);
    expect(heard.lines).toEqual([
      [reason, pod],
      [reason, pod],
    ]);
  });

  it.each<[string, object, ExchangeRefusal]>([
    ['an audience that chat never calls', { audience: 'whisper-admin' }, 'asked-audience'],
    ['a tenant that is not served here', { tenant: memoryTenant('globex').id }, 'tenant'],
  ])('refuses %s', async (_case, change, reason) => {
    await expect(ask('whisper-acme/chat', change)).rejects.toMatchObject({ code: 'forbidden' });
    expect(heard.lines).toEqual([[reason, 'whisper-acme/chat']]);
  });

  it('refuses a tenant that is suspended', async () => {
    const suspended = tenants.add({ ...acme, state: 'suspended' });

    expect(isServed(suspended)).toBe(false);
    await expect(ask('whisper-acme/chat')).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('sends away who knows an older epoch of the tenant', async () => {
    tenants.add({ ...acme, epoch: 2 });

    await expect(ask('whisper-acme/chat')).rejects.toMatchObject({ code: 'tenant_moved' });
    expect(heard.lines).toEqual([['epoch', 'whisper-acme/chat']]);
  });

  it.each(['chat', 'chat=acme', 'router=whisper-acme/router', 'chat=whisper-acme/chat/x', 'chat=/chat'])(
    'knows no client %s',
    (text) => {
      expect(TokenClient.safeParse(text).success).toBe(false);
    },
  );
});
