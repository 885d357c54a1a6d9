/** What somebody has shown to be who they are. `provider`: the organisation's identity provider says so. */
export type Proof = 'link' | 'password' | 'totp' | 'recovery-code' | 'passkey' | 'provider';

/** What may be asked for after the first proof. */
export type SecondFactor = Extract<Proof, 'totp' | 'recovery-code' | 'passkey'>;

/** What somebody can set up as a second factor. */
export type FactorWay = Exclude<SecondFactor, 'recovery-code'>;

/**
 * Whether the proofs are of two kinds. A passkey is one alone: the device is what the person has, and it has asked
 * for what the person knows or is. What a provider has asked for is the provider's matter.
 */
export function provesTwice(proofs: readonly Proof[]): boolean {
  return proofs.includes('passkey') || proofs.includes('provider') || new Set(proofs).size > 1;
}
