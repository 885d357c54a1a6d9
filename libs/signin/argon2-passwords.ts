import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { PasswordHasher } from '#libs/identity/ports/password-hasher.js';
import { Turnstile } from '#libs/kernel/turnstile.js';

/**
 * OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. argon2id is the package's
 * default algorithm. About 20 ms on one core.
 */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Passwords by argon2id, on the thread pool. One core is left to everybody else: many who sign in at once wait for each
 * other, and not the chat for them.
 */
export class Argon2Passwords extends PasswordHasher {
  /** Hash of a password nobody has, for equal work where there is none to check. */
  private readonly decoy: Promise<string>;
  private readonly turnstile = new Turnstile(Math.max(1, availableParallelism() - 1));

  /** @param random a text that cannot be guessed */
  constructor(random: string) {
    super();
    this.decoy = hash(random, cost);
  }

  override hash(password: string): Promise<string> {
    return this.turnstile.pass(() => hash(normal(password), cost));
  }

  override async verify(stored: string | null, password: string): Promise<boolean> {
    const known = stored ?? (await this.decoy);
    const fits = await this.turnstile.pass(() => verify(known, normal(password)));
    return stored !== null && fits;
  }
}

/** The same password from every keyboard (NIST SP 800-63B section 5.1.1.2). */
function normal(password: string): string {
  return password.normalize('NFKC');
}
