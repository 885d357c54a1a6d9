import { errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { podTokenAudience } from '#libs/contracts/token-exchange.js';
import type { PodProof, PodRefusal } from '#libs/identity/domain/pod-identity.js';
import { PodVerifier } from '#libs/identity/ports/pod-verifier.js';
import type { Clock } from '#libs/kernel/clock.js';
import type { ClusterKeys } from './cluster-keys.js';

/**
 * What API servers sign with: RSA and ECDSA keys of their own, or those of an external signer. Never a shared secret,
 * which a public key could be taken for.
 */
const algorithms = ['RS256', 'ES256', 'ES384', 'ES512'];
/** Clocks of nodes differ by this much at most, in seconds. */
const clockTolerance = 10;

const Named = z.object({ name: z.string().min(1) });

/** Claims of a ServiceAccount token that is bound to a pod (Kubernetes, "ServiceAccount token volume projection"). */
const Claims = z.object({
  sub: z.string(),
  'kubernetes.io': z.object({ namespace: z.string().min(1), serviceaccount: Named, pod: Named.optional() }),
});

/** Believes the ServiceAccount tokens of one cluster by its public keys, where they are made for us and for a pod. */
export class ServiceAccountVerifier extends PodVerifier {
  /** @param cluster the keys as they are now: they are turned while we run */
  constructor(
    private readonly cluster: () => ClusterKeys,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async verify(token: string): Promise<PodProof> {
    const { issuer, keys } = this.cluster();
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms,
        issuer,
        audience: podTokenAudience,
        clockTolerance,
        currentDate: this.clock.now(),
        requiredClaims: ['exp', 'sub'],
      });
      return proofOf(payload);
    } catch (error) {
      return { kind: 'refused', reason: reasonOf(error) };
    }
  }
}

function proofOf(payload: unknown): PodProof {
  const claims = Claims.safeParse(payload);
  if (!claims.success) return { kind: 'refused', reason: 'form' };
  const { namespace, serviceaccount, pod } = claims.data['kubernetes.io'];
  const account = serviceaccount.name;
  if (claims.data.sub !== `system:serviceaccount:${namespace}:${account}`) return { kind: 'refused', reason: 'form' };
  if (pod === undefined) return { kind: 'refused', reason: 'unbound' };
  return { kind: 'believed', pod: { namespace, account, pod: pod.name } };
}

function reasonOf(error: unknown): PodRefusal {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) return 'key';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'form';
  if (error.claim === 'aud') return 'audience';
  return error.claim === 'iss' ? 'issuer' : 'form';
}
