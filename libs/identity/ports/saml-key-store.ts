/** A key pair of the tenant at rest. */
export interface StoredSamlKey {
  /** Where it stands in the order in which keys came: the lowest is in use. */
  readonly position: number;
  /** PEM. */
  readonly certificate: string;
  readonly sealedPrivateKey: string;
  readonly createdAt: Date;
}

/** A tenant's own keys towards its SAML provider. Bound to one tenant and one transaction. */
export abstract class SamlKeyStore {
  /** By position. */
  abstract all(): Promise<readonly StoredSamlKey[]>;
  /** False when somebody else was first at that position; then nothing changed. */
  abstract add(key: StoredSamlKey): Promise<boolean>;
  abstract remove(position: number): Promise<void>;
}
