import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import { Sealer } from '#libs/tenancy/ports/sealer.js';

const fileName = 'master-key';

/** The key of an installation: seals secrets at rest and derives the passwords of its database logins. */
export class MasterKey extends Sealer {
  private constructor(private readonly key: Buffer) {
    super();
  }

  /** Reads SECRETS/master-key, and makes it at the first start. Two first starts at once end with one key. */
  static async open(secretsFolder: string): Promise<MasterKey> {
    await mkdir(secretsFolder, { recursive: true, mode: 0o700 });
    const path = join(secretsFolder, fileName);
    if (
      !(await stat(path).then(
        () => true,
        () => false,
      ))
    ) {
      const fresh = `${path}.${randomBytes(6).toString('hex')}`;
      await writeFile(fresh, randomBytes(32).toString('base64'), { mode: 0o600 });
      await link(fresh, path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      await rm(fresh, { force: true });
    }
    if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
    return MasterKey.read(secretsFolder);
  }

  /** Reads SECRETS/master-key where somebody else has put it: a mounted Secret. */
  static async read(secretsFolder: string): Promise<MasterKey> {
    const path = join(secretsFolder, fileName);
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new AppError('start_failed', `The master key ${path} cannot be read.`, {
        field: 'secrets',
        action:
          'In a cluster it is a mounted Secret. Elsewhere make one: 32 random bytes in base64, in a file of mode 0600.',
        cause,
      });
    });
    const key = Buffer.from(text.trim(), 'base64');
    if (key.length !== 32)
      throw new AppError('start_failed', `${path} is not a key of 32 bytes in base64.`, { field: 'secrets' });
    return new MasterKey(key);
  }

  /**
   * The key of one tenant. It seals what is in the tenant's schema in every shape, so that a tenant's own pods, which
   * are given this key and never the installation's, open what other shapes have sealed.
   */
  forTenant(tenant: TenantId): MasterKey {
    return new MasterKey(Buffer.from(hkdfSync('sha256', this.key, Buffer.alloc(0), `tenant:${tenant}`, 32)));
  }

  /** The text of the file `master-key`. */
  toText(): string {
    return this.key.toString('base64');
  }

  /** A password that is always the same for the same purpose, so that no password needs a place of its own. */
  passwordFor(purpose: string): string {
    return createHmac('sha256', this.key).update(`password:${purpose}`).digest('base64url');
  }

  private sealingKey(context: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.key, Buffer.alloc(0), `seal:${context}`, 32));
  }

  override seal(text: string, context: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.sealingKey(context), nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
  }

  override open(sealed: string, context: string): string {
    const bytes = Buffer.from(sealed.replace(/^v1\./, ''), 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.sealingKey(context), bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new AppError('internal', 'A sealed secret cannot be opened with this master key.', { cause });
    }
  }
}
