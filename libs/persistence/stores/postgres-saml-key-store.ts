import type { EntityManager } from 'typeorm';
import { SamlKeyStore, type StoredSamlKey } from '#libs/identity/ports/saml-key-store.js';
import { sql } from '../sql.js';

export class PostgresSamlKeyStore extends SamlKeyStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override all(): Promise<readonly StoredSamlKey[]> {
    return sql<StoredSamlKey>(this.manager, 'select * from saml_key order by position');
  }

  override async add({ position, certificate, sealedPrivateKey, createdAt }: StoredSamlKey): Promise<boolean> {
    const rows = await sql(
      this.manager,
      `insert into saml_key (position, certificate, sealed_private_key, created_at) values ($1, $2, $3, $4)
       on conflict do nothing returning 1`,
      [position, certificate, sealedPrivateKey, createdAt],
    );
    return rows.length === 1;
  }

  override async remove(position: number): Promise<void> {
    await sql(this.manager, 'delete from saml_key where position = $1', [position]);
  }
}
