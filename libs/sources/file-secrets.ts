import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secrets } from '#libs/tenancy/ports/secrets.js';

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const keyName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

/**
 * Secrets as files SECRETS/<owner>/<name>/<key>: a folder on one machine, a mounted Secret in a cluster. Apps that
 * serve many tenants mount one Secret whole, whose keys hold no slash: SECRETS/<owner>.<name>.<key>. No two of those
 * meet, since owner and name hold no dot.
 */
export class FileSecrets extends Secrets {
  constructor(private readonly folder: string) {
    super();
  }

  override async read(owner: string, ref: { readonly name: string; readonly key: string }): Promise<string | null> {
    // Names were checked with the manifest; checked again here, since a path is made of them.
    if (!label.test(owner) || !label.test(ref.name) || !keyName.test(ref.key)) return null;
    const flat = join(this.folder, [owner, ref.name, ref.key].join('.'));
    const text = await readFile(this.whereIs(owner, ref), 'utf8').catch(() => readFile(flat, 'utf8').catch(() => null));
    return text === null ? null : text.replace(/\r?\n$/, '');
  }

  override whereIs(owner: string, ref: { readonly name: string; readonly key: string }): string {
    return join(this.folder, owner, ref.name, ref.key);
  }
}
