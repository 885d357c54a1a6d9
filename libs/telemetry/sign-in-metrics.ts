import { Counter, type Registry } from 'prom-client';
import type { SignInMethod } from '#libs/identity/domain/sign-in-session.js';
import { type SignInOutcome, SignInTelemetry } from '#libs/identity/ports/sign-in-telemetry.js';

/** Names of the sign-in metrics, with their units. */
export const signInMetricNames = { signIns: 'whisper_sign_ins_total' } as const;

/** Makes the metrics of signing in, in a registry. Call once for each registry. */
export function signInMetrics(registry: Registry) {
  return {
    signIns: new Counter({
      name: signInMetricNames.signIns,
      help: 'Tries to sign in, by method (link, password, oidc, handover) and outcome (success, refused, throttled, unavailable).',
      labelNames: ['method', 'outcome'],
      registers: [registry],
    }),
  };
}

/** Sign-ins as metrics. */
export class PrometheusSignInTelemetry extends SignInTelemetry {
  constructor(private readonly metrics: ReturnType<typeof signInMetrics>) {
    super();
  }

  override signIn(method: SignInMethod, outcome: SignInOutcome): void {
    this.metrics.signIns.inc({ method, outcome });
  }
}
