import { beforeEach, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { ClusterSigner } from '#test/support/cluster-signer.js';
import { readClusterKeys } from './cluster-keys.js';
import { ServiceAccountVerifier } from './service-account-verifier.js';

const chat = { namespace: 'whisper-acme', account: 'chat' };

describe('the token of a pod', () => {
  let clock: ManualClock;
  let cluster: ClusterSigner;
  let document: string;
  let verifier: ServiceAccountVerifier;
  beforeEach(async () => {
    clock = new ManualClock();
    cluster = await ClusterSigner.create();
    document = cluster.document();
    verifier = new ServiceAccountVerifier(() => readClusterKeys(document), clock);
  });
  type Change = Parameters<ClusterSigner['token']>[1];
  const sign = (change: Change = {}, pod = {}) => cluster.token({ ...chat, ...pod }, { now: clock.now(), ...change });

  it('proves namespace, account and pod', async () => {
    expect(await verifier.verify(await sign())).toEqual({ kind: 'believed', pod: { ...chat, pod: 'pod-1' } });
  });

  it('may be signed with an elliptic curve', async () => {
    cluster = await ClusterSigner.create('curve', 'ES256');
    document = cluster.document();

    expect(await verifier.verify(await sign())).toMatchObject({ kind: 'believed' });
  });

  it.each<[string, string, () => Promise<string>]>([
    ['another cluster made', 'key', async () => (await ClusterSigner.create()).token(chat, { now: clock.now() })],
    [
      'is signed with a key that nobody published',
      'key',
      async () => (await ClusterSigner.create('other')).token(chat, { now: clock.now() }),
    ],
    ['is meant for the API server', 'audience', () => sign({ audience: 'https://kubernetes.default.svc' })],
    ['is meant for another service', 'audience', () => sign({ audience: 'vault' })],
    ['another issuer made with the same keys', 'issuer', () => sign({ issuer: 'https://other.example' })],
    ['has ended', 'expired', () => sign({ lifeSeconds: -60 })],
    ['is of an account and no pod', 'unbound', () => sign({}, { pod: null })],
    ['names one account and is another’s', 'form', () => sign({ sub: 'system:serviceaccount:whisper-acme:admin' })],
    ['is of a person', 'form', () => sign({ sub: 'system:admin' })],
    ['is none', 'form', () => Promise.resolve('a.b.c')],
    ['has no signature', 'algorithm', async () => unsigned(await sign())],
    ['takes the public key for a shared secret', 'algorithm', () => shared(cluster.publicBytes)],
  ])('is refused where it %s', async (_case, reason, make) => {
    expect(await verifier.verify(await make())).toEqual({ kind: 'refused', reason });
  });

  it('is refused where its signature was changed', async () => {
    const [head = '', , signature = ''] = (await sign()).split('.');
    const [, other = ''] = (await sign({}, { account: 'admin' })).split('.');

    expect(await verifier.verify([head, other, signature].join('.'))).toEqual({ kind: 'refused', reason: 'key' });
  });

  it('counts by the next key of the cluster as soon as that is mounted, and no more by one that is gone', async () => {
    const next = await ClusterSigner.create('next');
    const early = await next.token(chat, { now: clock.now() });
    const old = await sign();
    const kinds = async () => [(await verifier.verify(early)).kind, (await verifier.verify(old)).kind];

    expect(await kinds()).toEqual(['refused', 'believed']);
    document = cluster.document(next);
    expect(await kinds()).toEqual(['believed', 'believed']);
    document = next.document();
    expect(await kinds()).toEqual(['believed', 'refused']);
  });

  it('ends with its time, give or take what clocks of nodes differ', async () => {
    const token = await sign();
    clock.advance(605_000);
    expect(await verifier.verify(token)).toMatchObject({ kind: 'believed' });
    clock.advance(10_000);
    expect(await verifier.verify(token)).toEqual({ kind: 'refused', reason: 'expired' });
  });

  it.each([
    ['no issuer', '{"keys":[{"kty":"RSA"}]}'],
    ['no key', '{"issuer":"i","keys":[]}'],
    ['nothing', '{}'],
  ])('needs a document of keys: %s is none', (_case, text) => {
    expect(() => readClusterKeys(text)).toThrow('issuer' in JSON.parse(text) ? 'keys' : 'issuer');
  });

  function unsigned(token: string): string {
    const head = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    return `${head}.${token.split('.')[1] ?? ''}.`;
  }

  function shared(secret: Uint8Array): Promise<string> {
    return new SignJWT({
      sub: 'system:serviceaccount:whisper-acme:chat',
      'kubernetes.io': { namespace: 'whisper-acme', serviceaccount: { name: 'chat' }, pod: { name: 'p' } },
    })
      .setProtectedHeader({ alg: 'HS256', kid: 'cluster' })
      .setIssuer(cluster.issuer)
      .setAudience('whisper-tokens')
      .setExpirationTime('10 minutes')
      .sign(secret);
  }
});
