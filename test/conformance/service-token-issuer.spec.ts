import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { TokenClient, TokenRequest } from '#libs/contracts/token-exchange.js';
import { ExchangeToken } from '#libs/identity/app/exchange-token.js';
import { ExchangeTelemetry } from '#libs/identity/ports/exchange-telemetry.js';
import type { ServiceTokenIssuer } from '#libs/identity/ports/service-tokens.js';
import { RandomIds, userId } from '#libs/kernel/ids.js';
import { readClusterKeys } from '#libs/signin/cluster-keys.js';
import { ExchangedTokenIssuer } from '#libs/signin/exchanged-tokens.js';
import { KeyRing } from '#libs/signin/key-ring.js';
import { ServiceAccountVerifier } from '#libs/signin/service-account-verifier.js';
import {
  JwtServiceTokenIssuer,
  JwtServiceTokenSigner,
  JwtServiceTokenVerifier,
  localKeys,
} from '#libs/signin/service-tokens.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { memoryTenant, MemoryTenants } from '#test/fakes/memory-tenants.js';
import { mount } from '#test/support/cluster-mounts.js';
import { ClusterSigner } from '#test/support/cluster-signer.js';
import { until } from '#test/support/until.js';

interface Ground {
  readonly clock: ManualClock;
  readonly ring: KeyRing;
  readonly tenants: MemoryTenants;
}

interface Subject {
  readonly issuer: ServiceTokenIssuer;
  close(): Promise<void>;
}

class Silent extends ExchangeTelemetry {
  override given(): void {
    // Nobody listens.
  }
  override refused(): void {
    // Nobody listens.
  }
}

function inProcess({ ring, clock }: Ground): Promise<Subject> {
  return Promise.resolve({
    issuer: new JwtServiceTokenIssuer('chat', ring, clock),
    close: () => Promise.resolve(),
  });
}

async function byExchange({ ring, clock, tenants }: Ground): Promise<Subject> {
  const pod = { namespace: 'whisper-acme', account: 'chat' };
  const cluster = await ClusterSigner.create();
  const keys = readClusterKeys(cluster.document());
  const exchange = new ExchangeToken({
    pods: new ServiceAccountVerifier(() => keys, clock),
    clients: [TokenClient.parse('chat=whisper-acme/chat')],
    directory: tenants,
    signer: new JwtServiceTokenSigner(ring, clock),
    telemetry: new Silent(),
    clock,
  });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const podToken = (request.headers.authorization ?? '').replace('Bearer ', '');
      exchange.exchange(podToken, TokenRequest.parse(JSON.parse(Buffer.concat(chunks).toString()))).then(
        (reply) => response.end(JSON.stringify(reply)),
        () => response.writeHead(401).end(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = await mount({ token: await cluster.token(pod, { now: clock.now(), lifeSeconds: 3_600 }) });
  const issuer = new ExchangedTokenIssuer({
    routerUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    podTokenFile: join(folder, 'token'),
    clock,
    report: () => undefined,
  });
  return {
    issuer,
    close: async () => {
      await issuer.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const audience = 'whisper-router';
const someone = () => userId(new RandomIds().next());

describe.each([
  ['keys of this process', inProcess],
  ['the exchange of a pod’s token', byExchange],
])('an issuer of service tokens by %s', (_name, open) => {
  let ground: Ground;
  let subject: Subject;
  let acme: Tenant;
  const person = someone();
  beforeEach(async () => {
    const clock = new ManualClock();
    const ring = await KeyRing.create(() => new RandomIds().next(), clock.now());
    const tenants = new MemoryTenants();
    acme = tenants.add(memoryTenant('acme'));
    ground = { clock, ring, tenants };
    subject = await open(ground);
  });
  afterEach(() => subject.close());
  const issue = (change: object = {}) => subject.issuer.issue({ audience, tenant: acme, actor: person, ...change });

  it('gives what the verifier takes for the service, the tenant and the person', async () => {
    const verifier = new JwtServiceTokenVerifier(localKeys(ground.ring), ground.tenants, ground.clock);

    expect(await verifier.verify(await issue(), audience)).toEqual({ service: 'chat', tenant: acme, actor: person });
    expect(await verifier.verify(await issue({ actor: null }), audience)).toMatchObject({ actor: null });
  });

  it('gives five minutes and one audience', async () => {
    const { exp = 0, aud } = decodeJwt(await issue());

    expect(exp - ground.clock.now().getTime() / 1_000).toBe(300);
    expect(aud).toBe(audience);
  });

  it.each([
    ['person', () => ({ actor: someone() })],
    ['epoch', () => ({ tenant: ground.tenants.add({ ...acme, epoch: 2 }) })],
    ['tenant', () => ({ tenant: ground.tenants.add(memoryTenant('globex')) })],
  ])('gives another token for another %s', async (_case, change) => {
    const first = await issue();

    expect(await issue(change())).not.toBe(first);
  });

  it('gives the same one again, and never one with less than a minute left', async () => {
    const first = await issue();
    expect(await issue()).toBe(first);

    for (let elapsed = 0; elapsed < 900; elapsed += 50) {
      ground.clock.advance(50_000);
      const { exp = 0 } = decodeJwt(await issue());
      expect(exp - ground.clock.now().getTime() / 1_000).toBeGreaterThanOrEqual(60);
    }
  });

  it('gives another one once a token was refused', async () => {
    const first = await issue();
    ground.clock.advance(1_000);
    subject.issuer.refused(first);

    await until(async () => (await issue()) !== first);
  });

  it('publishes no private part', async () => {
    const { keys } = await subject.issuer.jwks();

    expect(keys.flatMap((key) => Object.keys(key))).not.toContain('d');
  });
});
