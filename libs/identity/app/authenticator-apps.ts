import { AppError } from '#libs/kernel/errors.js';
import type { TenantId, UserId } from '#libs/kernel/ids.js';
import type { Sealer } from '#libs/tenancy/ports/sealer.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Person } from '../domain/person.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { OneTimeCodes } from '../ports/one-time-codes.js';
import type { IdentityParts } from './identity-parts.js';

/** RFC 4226 section 4 recommends 160 bits. */
const secretBytes = 20;

/** How long a set-up waits for its first code, in ms: enough to install an app. */
const setupLifetimeMs = 10 * 60_000;

/** An app that is being set up. Nothing of it is kept here until its first code has come. */
export interface AppSetup {
  /** `otpauth:` address, for a QR code. */
  readonly address: string;
  /** The same secret as a text to type. */
  readonly secret: string;
  /** Comes back with the first code: the secret, sealed for this person and for a while. */
  readonly setup: string;
}

/** What proves that the app has the secret. */
export interface SetupProof {
  readonly setup: string;
  readonly code: string;
}

/** Authenticator apps: a secret that the person's device shares with us, sealed where it lies. */
export class AuthenticatorApps {
  constructor(
    private readonly parts: Pick<IdentityParts, 'clock' | 'ids'>,
    private readonly sealerFor: (tenant: TenantId) => Sealer,
    private readonly codes: OneTimeCodes,
  ) {}

  begin(tenant: Tenant, person: Pick<Person, 'id' | 'email'>): AppSetup {
    const secret = this.codes.textOf(Buffer.from(this.parts.ids.secret(secretBytes), 'base64url'));
    const until = this.parts.clock.now().getTime() + setupLifetimeMs;
    return {
      address: this.codes.address(secret, { issuer: tenant.manifest.displayName, account: person.email }),
      secret,
      setup: this.sealerFor(tenant.id).seal(`${until}.${secret}`, setupContext(person.id)),
    };
  }

  /**
   * Keeps the app, in place of the one before, when the code is its own. In the caller's transaction.
   * @returns false for a wrong code
   * @throws {AppError} conflict for a set-up that has run out, or is another person's
   */
  async confirm(
    stores: IdentityStores,
    tenant: TenantId,
    person: UserId,
    { setup, code }: SetupProof,
  ): Promise<boolean> {
    const now = this.parts.clock.now();
    const secret = this.secretOf(tenant, person, setup, now);
    const step = this.codes.stepOf(secret, code, now);
    if (step === null) return false;
    const sealedSecret = this.sealerFor(tenant).seal(secret, context(person));
    await stores.totpFactors.set(person, { sealedSecret, createdAt: now }, step);
    return true;
  }

  /** Whether the code is one of the person's app that was not used. From now on it was. */
  async use(stores: IdentityStores, tenant: TenantId, person: UserId, code: string): Promise<boolean> {
    const factor = await stores.totpFactors.of(person);
    if (factor === null) return false;
    const secret = this.sealerFor(tenant).open(factor.sealedSecret, context(person));
    const step = this.codes.stepOf(secret, code, this.parts.clock.now());
    return step !== null && stores.totpFactors.useStep(person, step);
  }

  private secretOf(tenant: TenantId, person: UserId, setup: string, now: Date): string {
    const [until = '', secret = ''] = this.opened(tenant, person, setup).split('.');
    if (Number(until) <= now.getTime()) throw overdue();
    return secret;
  }

  private opened(tenant: TenantId, person: UserId, setup: string): string {
    try {
      return this.sealerFor(tenant).open(setup, setupContext(person));
    } catch (cause) {
      // What comes from outside may be anything; only what we have sealed opens.
      throw overdue(cause);
    }
  }
}

/** A secret opens for its own person only: rows cannot be exchanged. */
function context(person: UserId): string {
  return `totp.secret:${person}`;
}

function setupContext(person: UserId): string {
  return `totp.setup:${person}`;
}

function overdue(cause?: unknown): AppError {
  return new AppError('conflict', 'This set-up has run out.', { field: 'setup', action: 'Begin again.', cause });
}
