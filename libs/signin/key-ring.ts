import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type SigningKey, SigningKeys } from './signing-keys.js';

/** A day: verifiers hear of the next key long before it signs, and a leaked one dies soon. */
const rotateMs = 86_400_000;

/**
 * The keys service tokens are signed with: the current one signs, the next one is published already, so that
 * no verifier meets a key it cannot know. Lives in memory; the verifiers' document changes with it.
 */
export class KeyRing extends SigningKeys {
  private constructor(
    private current: SigningKey,
    private next: SigningKey,
    private readonly newKid: () => string,
    private rotatedAt: number,
  ) {
    super();
  }

  static async create(newKid: () => string, now: Date): Promise<KeyRing> {
    const [current, next] = await Promise.all([makeKey(newKid()), makeKey(newKid())]);
    return new KeyRing(current, next, newKid, now.getTime());
  }

  /** The key that signs now; a day after the last change the next one takes over. */
  override async signing(now: Date): Promise<SigningKey> {
    if (now.getTime() - this.rotatedAt >= rotateMs) {
      this.rotatedAt = now.getTime();
      this.current = this.next;
      this.next = await makeKey(this.newKid());
    }
    return this.current;
  }

  override published(): { keys: JWK[] } {
    return { keys: [this.current.publicJwk, this.next.publicJwk] };
  }
}

async function makeKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' } };
}
