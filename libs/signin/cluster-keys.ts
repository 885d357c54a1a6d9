import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

/** `cluster-keys.json`: whose ServiceAccount tokens are believed, as the operator copies it from its API server. */
const Document = z.object({
  issuer: z.string().min(1),
  keys: z.array(z.looseObject({ kty: z.string().min(1) })).min(1),
});

/** Whose ServiceAccount tokens are believed. */
export interface ClusterKeys {
  readonly issuer: string;
  readonly keys: JWTVerifyGetKey;
}

/** Reads the text of a mounted `cluster-keys.json`; throws where it is not one. */
export function readClusterKeys(text: string): ClusterKeys {
  const { issuer, keys } = Document.parse(JSON.parse(text));
  return { issuer, keys: createLocalJWKSet({ keys }) };
}
