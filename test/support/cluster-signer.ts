import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Who a pod is to its cluster. */
export interface SignedPod {
  readonly namespace: string;
  readonly account: string;
  /** Null: the token is bound to no pod. */
  readonly pod?: string | null;
}

interface Changes {
  readonly audience?: string;
  readonly issuer?: string;
  readonly sub?: string;
  /** Life of the token in seconds; negative: it has ended. */
  readonly lifeSeconds?: number;
  readonly now?: Date;
}

/** Signs ServiceAccount tokens as the API server of a cluster does, with keys made for the test. */
export class ClusterSigner {
  private constructor(
    private readonly privateKey: CryptoKey,
    private readonly publicJwk: Record<string, unknown>,
    readonly issuer: string,
  ) {}

  static async create(kid = 'cluster', alg = 'RS256'): Promise<ClusterSigner> {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const publicJwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
    return new ClusterSigner(privateKey, publicJwk, 'https://kubernetes.default.svc.cluster.local');
  }

  /** Text of `cluster-keys.json`. */
  document(...others: readonly ClusterSigner[]): string {
    return JSON.stringify({ issuer: this.issuer, keys: [this, ...others].map(({ publicJwk }) => publicJwk) });
  }

  /** A token as the kubelet puts it in a pod. */
  token({ namespace, account, pod = 'pod-1' }: SignedPod, change: Changes = {}): Promise<string> {
    const { audience = 'whisper-tokens', issuer = this.issuer, lifeSeconds = 600, now = new Date() } = change;
    const seconds = Math.floor(now.getTime() / 1_000);
    const named = (name: string) => ({ name, uid: '00000000-0000-4000-8000-000000000000' });
    return new SignJWT({
      sub: change.sub ?? `system:serviceaccount:${namespace}:${account}`,
      'kubernetes.io': {
        namespace,
        serviceaccount: named(account),
        ...(pod === null ? {} : { pod: named(pod) }),
      },
    })
      .setProtectedHeader({ alg: String(this.publicJwk['alg']), kid: String(this.publicJwk['kid']) })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(Math.min(seconds, seconds + lifeSeconds - 1))
      .setNotBefore(Math.min(seconds, seconds + lifeSeconds - 1))
      .setExpirationTime(seconds + lifeSeconds)
      .sign(this.privateKey);
  }

  /** The public key, as somebody might try it as a shared secret. */
  get publicBytes(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify(this.publicJwk));
  }
}
