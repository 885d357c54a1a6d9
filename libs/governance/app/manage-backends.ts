import type { BackendView } from '#libs/contracts/admin-api.js';
import { demand } from '#libs/identity/domain/rights.js';
import type { SignedInVisitor } from '#libs/identity/domain/visitor.js';
import { AppError } from '#libs/kernel/errors.js';
import { mergeProfile } from '#libs/tenancy/domain/settings.js';
import { auditEvent } from '../domain/audit-event.js';
import type { BackendDirectory } from '../ports/backend-directory.js';
import type { GovernanceParts } from './governance-parts.js';

/** Model servers as admins see them, and the choice to use one that was found. */
export class ManageBackends {
  constructor(
    private readonly parts: GovernanceParts,
    private readonly directory: BackendDirectory,
  ) {}

  /** @throws {AppError} forbidden, backend_unavailable */
  async list(visitor: SignedInVisitor): Promise<readonly BackendView[]> {
    demand(visitor.session.ability, 'read', 'backend');
    return this.directory.list(visitor.tenant, visitor.session.personId);
  }

  /**
   * Uses a found model server, or stops using it. Safe to say twice.
   * @throws {AppError} forbidden; not_found when none of that name was found on this machine
   */
  async use(visitor: SignedInVisitor, name: string, use: boolean): Promise<void> {
    demand(visitor.session.ability, 'change', 'backend');
    if (use) await this.demandFound(visitor, name);
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const { models } = mergeProfile(visitor.tenant.manifest, await stores.settings.all());
      const others = (models.found ?? []).filter((found) => found !== name);
      await stores.settings.set('models.found', use ? [...others, name] : others, visitor.session.email);
      const entry = { action: use ? 'backend.use' : 'backend.leave', target: name };
      await stores.audit.append(auditEvent(visitor, entry, { id: this.parts.ids.next(), at: this.parts.clock.now() }));
    });
    this.parts.profiles.invalidate(visitor.tenant);
  }

  private async demandFound(visitor: SignedInVisitor, name: string): Promise<void> {
    const backends = await this.directory.list(visitor.tenant, visitor.session.personId);
    if (backends.some((backend) => backend.name === name && backend.source === 'found')) return;
    throw new AppError('not_found', 'No model server of this name was found on this machine.');
  }
}
