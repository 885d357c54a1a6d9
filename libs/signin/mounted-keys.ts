import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { AppError } from '#libs/kernel/errors.js';
import type { FollowedFile } from '#libs/kernel/followed-file.js';
import { type SigningKey, SigningKeys } from './signing-keys.js';

/** Private keys as RFC 8037 has them. The first signs; the others are believed. */
const ServiceKeys = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        kid: z.string().min(1),
        x: z.string().min(1),
        d: z.string().min(1),
      }),
    )
    .min(1),
});

/** Reads the text of a mounted `service-keys.json`; rejects where it is not one. */
export async function readServiceKeys(text: string): Promise<readonly SigningKey[]> {
  const { keys } = ServiceKeys.parse(JSON.parse(text));
  return Promise.all(
    keys.map(async ({ kty, crv, kid, x, d }) => {
      const privateKey = await importJWK({ kty, crv, x, d }, 'EdDSA');
      if (privateKey instanceof Uint8Array) throw new AppError('internal', 'A service key is not a key pair.');
      return { kid, privateKey, publicJwk: { kty, crv, x, kid, alg: 'EdDSA', use: 'sig' } };
    }),
  );
}

async function newKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return { ...(await exportJWK(privateKey)), kid };
}

/** The text of `service-keys.json` for a new tenant: a current and a next key. */
export async function makeServiceKeys(newKid: () => string): Promise<string> {
  return JSON.stringify({ keys: [await newKey(newKid()), await newKey(newKid())] });
}

/**
 * The same file one turn later: the next key signs, a new one is published, and the one that signed before is still
 * believed, since tokens live for five minutes. Turn it no sooner than mounted files need to reach every pod.
 */
export async function rotateServiceKeys(text: string, newKid: () => string): Promise<string> {
  const { keys } = ServiceKeys.parse(JSON.parse(text));
  const [current, next] = keys;
  return JSON.stringify({
    keys: [next ?? (await newKey(newKid())), await newKey(newKid()), ...(current === undefined ? [] : [current])],
  });
}

/** The keys that every replica of a tenant's apps mounts; the operator turns them. */
export class MountedKeys extends SigningKeys {
  constructor(private readonly file: FollowedFile<readonly SigningKey[]>) {
    super();
  }

  override signing(): Promise<SigningKey> {
    const [current] = this.file.value;
    return current === undefined
      ? Promise.reject(new AppError('internal', 'There is no service key.'))
      : Promise.resolve(current);
  }

  override published(): { keys: JWK[] } {
    return { keys: this.file.value.map(({ publicJwk }) => publicJwk) };
  }
}
