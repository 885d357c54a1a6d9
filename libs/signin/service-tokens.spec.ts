import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, SignJWT } from 'jose';
import { RandomIds, userId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { memoryTenant, MemoryTenants } from '#test/fakes/memory-tenants.js';
import { KeyRing } from './key-ring.js';
import { JwtServiceTokenIssuer, JwtServiceTokenVerifier, localKeys, remoteKeys } from './service-tokens.js';

const audience = 'whisper-router';
const ids = new RandomIds();
const person = userId(ids.next());

describe('service tokens', () => {
  let clock: ManualClock;
  let keys: KeyRing;
  let tenants: MemoryTenants;
  let acme: Tenant;
  let issuer: JwtServiceTokenIssuer;
  let verifier: JwtServiceTokenVerifier;

  beforeEach(async () => {
    clock = new ManualClock();
    keys = await KeyRing.create(() => ids.next(), clock.now());
    tenants = new MemoryTenants();
    acme = tenants.add(memoryTenant('acme'));
    issuer = new JwtServiceTokenIssuer('chat', keys, clock);
    verifier = new JwtServiceTokenVerifier(localKeys(keys), tenants, clock);
  });

  const issue = (tenant = acme) => issuer.issue({ audience, tenant, actor: person });

  it('prove service, tenant and person', async () => {
    expect(await verifier.verify(await issue(), audience)).toEqual({ service: 'chat', tenant: acme, actor: person });
  });

  it('live for five minutes, and no longer in memory either', async () => {
    const token = await issue();
    const { exp = 0 } = decodeJwt(token);
    await verifier.verify(token, audience);

    clock.advance(301_000);

    expect(exp * 1_000 - new ManualClock().now().getTime()).toBeLessThanOrEqual(300_000);
    await expect(verifier.verify(token, audience)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('are handed out again while a minute is left', async () => {
    const first = await issue();
    clock.advance(230_000);
    const second = await issue();
    clock.advance(20_000);
    const third = await issue();

    expect([second === first, third === first]).toEqual([true, false]);
  });

  it('are for one audience, also when another one is in memory', async () => {
    const token = await issue();
    await verifier.verify(token, audience);

    await expect(verifier.verify(token, 'whisper-admin')).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('die with the epoch of their tenant, and with the tenant', async () => {
    const token = await issue();
    await verifier.verify(token, audience);

    tenants.add({ ...acme, epoch: 2 });
    await expect(verifier.verify(token, audience)).rejects.toMatchObject({ code: 'tenant_moved' });
    tenants.add({ ...acme, state: 'suspended' });
    await expect(verifier.verify(token, audience)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('outlive a change of keys, whose next one was published before', async () => {
    const before = await issue();
    const published = (await issuer.jwks()).keys.map(({ kid }) => kid);
    clock.advance(86_400_000);
    const after = await issuer.issue({ audience, tenant: acme, actor: null });

    const { kid } = JSON.parse(Buffer.from(after.split('.')[0] ?? '', 'base64url').toString()) as { kid: string };
    expect(published).toContain(kid);
    expect(before).not.toBe(after);
    expect(await verifier.verify(after, audience)).toMatchObject({ actor: null });
  });

  it('are believed no more once their key is gone, also when they were believed before', async () => {
    const token = await issue();
    await verifier.verify(token, audience);
    clock.advance(86_400_000);
    await issuer.issue({ audience, tenant: acme, actor: null });
    clock.advance(-86_400_000);

    await expect(verifier.verify(token, audience)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('are signed anew once their audience has refused them', async () => {
    const first = await issue();
    issuer.refused(first);
    clock.advance(1_000);

    expect(await issue()).not.toBe(first);
  });

  it('show no private part in the key document', async () => {
    expect(JSON.stringify(await issuer.jwks())).not.toContain('"d"');
  });

  it.each([
    ['nonsense', () => Promise.resolve('a.b.c')],
    ['no signature', async () => `${(await issue()).split('.').slice(0, 2).join('.')}.`],
    [
      'another key',
      async () => {
        const foreign = await KeyRing.create(() => ids.next(), clock.now());
        return new JwtServiceTokenIssuer('chat', foreign, clock).issue({ audience, tenant: acme, actor: null });
      },
    ],
    ['a shared secret', () => sign(new TextEncoder().encode('x'.repeat(32)), 'HS256')],
  ])('are refused with %s', async (_case, make) => {
    await expect(verifier.verify(await make(), audience)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('are refused when they live too long or say too little', async () => {
    const key = await keys.signing(clock.now());
    const claims = { tenant: acme.id, epoch: 1, actor: null, iss: 'whisper', sub: 'chat', aud: audience };
    const make = (change: object) =>
      new SignJWT({ ...claims, exp: clock.now().getTime() / 1_000 + 200, ...change })
        .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
        .sign(key.privateKey);

    expect(await verifier.verify(await make({}), audience)).toMatchObject({ service: 'chat' });
    for (const change of [{ exp: clock.now().getTime() / 1_000 + 3_600 }, { tenant: 'acme' }, { iss: 'someone' }])
      await expect(verifier.verify(await make(change), audience)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  function sign(secret: Uint8Array, alg: string): Promise<string> {
    return new SignJWT({ tenant: acme.id, epoch: 1, actor: null, iss: 'whisper', sub: 'chat', aud: audience })
      .setProtectedHeader({ alg })
      .setExpirationTime('2 minutes')
      .sign(secret);
  }

  describe('checked against a key document on the net', () => {
    let server: Server;
    beforeAll(async () => {
      server = createServer((_request, response) => {
        void issuer.jwks().then((document) => response.end(JSON.stringify(document)));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it('prove the same', async () => {
      const { port } = server.address() as AddressInfo;
      const url = new URL(`http://127.0.0.1:${port}/.well-known/jwks.json`);
      const remote = new JwtServiceTokenVerifier(remoteKeys(url), tenants, clock);

      expect(await remote.verify(await issue(), audience)).toMatchObject({ service: 'chat', actor: person });
    });
  });
});
