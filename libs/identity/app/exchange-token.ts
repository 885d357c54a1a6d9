import { routerAudience } from '#libs/contracts/router-api.js';
import type { TokenClient, TokenRequest } from '#libs/contracts/token-exchange.js';
import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { tenantId, userId } from '#libs/kernel/ids.js';
import { isServed } from '#libs/tenancy/domain/tenant.js';
import type { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import type { PodIdentity } from '../domain/pod-identity.js';
import type { ExchangeRefusal, ExchangeTelemetry } from '../ports/exchange-telemetry.js';
import type { PodVerifier } from '../ports/pod-verifier.js';
import type { ServiceTokenSigner } from '../ports/service-tokens.js';

interface ExchangeParts {
  readonly pods: PodVerifier;
  /** The accounts that may ask; any other pod of the cluster may not. */
  readonly clients: readonly TokenClient[];
  /** The tenants that are served here: a dedicated tenant's router knows its own alone. */
  readonly directory: TenantDirectory;
  readonly signer: ServiceTokenSigner;
  readonly telemetry: ExchangeTelemetry;
  readonly clock: Clock;
}

/** Whom the tokens of each app may be shown to. Both call the router, and nobody else. */
const audiences: Readonly<Record<TokenClient['service'], readonly string[]>> = {
  chat: [routerAudience],
  admin: [routerAudience],
};

interface Caller {
  readonly service: TokenClient['service'];
  readonly pod: PodIdentity;
}

/** Gives the pods of our own apps service tokens for what their cluster says they are. */
export class ExchangeToken {
  constructor(private readonly parts: ExchangeParts) {}

  /**
   * Which app a pod is taken for.
   * @throws {AppError} unauthenticated
   */
  async introduce(podToken: string): Promise<{ readonly service: TokenClient['service'] }> {
    const { service } = await this.identify(podToken);
    return { service };
  }

  /**
   * A service token for one tenant and one audience.
   * @throws {AppError} unauthenticated, forbidden; tenant_moved when the pod knows another epoch of the tenant
   */
  async exchange(
    podToken: string,
    request: TokenRequest,
  ): Promise<{ readonly token: string; readonly expiresInSeconds: number }> {
    const { service, pod } = await this.identify(podToken);
    const { audience, actor } = request;
    if (!audiences[service].includes(audience)) throw this.forbidden('asked-audience', pod);
    const tenant = await this.parts.directory.byId(tenantId(request.tenant));
    if (tenant === null || !isServed(tenant)) throw this.forbidden('tenant', pod);
    if (tenant.epoch !== request.epoch) {
      this.parts.telemetry.refused('epoch', pod);
      throw new AppError('tenant_moved', 'The organisation has just moved.');
    }
    const { token, expiresAt } = await this.parts.signer.sign(service, {
      audience,
      tenant,
      actor: actor === null ? null : userId(actor),
    });
    this.parts.telemetry.given(service);
    const leftMs = expiresAt.getTime() - this.parts.clock.now().getTime();
    return { token, expiresInSeconds: Math.floor(leftMs / 1_000) };
  }

  private async identify(podToken: string): Promise<Caller> {
    const proof = await this.parts.pods.verify(podToken);
    if (proof.kind === 'refused') throw this.unauthenticated(proof.reason, null);
    const { pod } = proof;
    const client = this.parts.clients.find((one) => one.namespace === pod.namespace && one.account === pod.account);
    if (client === undefined) throw this.unauthenticated('account', pod);
    return { service: client.service, pod };
  }

  /** The reason is for operators: whoever tries hears the same each time. */
  private unauthenticated(reason: ExchangeRefusal, pod: PodIdentity | null): AppError {
    this.parts.telemetry.refused(reason, pod);
    return new AppError('unauthenticated', 'This pod is not known here.');
  }

  private forbidden(reason: ExchangeRefusal, pod: PodIdentity): AppError {
    this.parts.telemetry.refused(reason, pod);
    return new AppError('forbidden', 'This pod gets no such token here.');
  }
}
