import type { KubeObject } from '../runtime/kube-object.js';
import { autoscalers } from './autoscaling.js';
import { disruptionBudgets } from './disruption.js';
import { namespace } from './namespace.js';
import { networkPolicies } from './network-policies.js';
import { quota } from './quota.js';
import type { RenderInput } from './render-input.js';
import { routes } from './routes.js';
import { secrets } from './secrets.js';
import { serviceAccounts } from './service-accounts.js';
import { serviceMonitors } from './service-monitor.js';
import { services } from './services.js';
import { tenantConfig } from './tenant-config.js';
import { workloads } from './workloads.js';

/**
 * Every object that a tenant should have, in the order in which it can be made: the namespace, what bounds it, what
 * pods mount, the pods, and the ways to them. The same input always gives the same objects. A pooled tenant has none.
 */
export function desired(input: RenderInput): readonly KubeObject[] {
  if (input.tenant.spec.isolation === 'pooled') return [];
  return [
    namespace(input),
    ...quota(input),
    ...serviceAccounts(input),
    ...networkPolicies(input),
    ...secrets(input),
    tenantConfig(input),
    ...services(input),
    ...workloads(input),
    ...disruptionBudgets(input),
    ...autoscalers(input),
    ...routes(input),
    ...serviceMonitors(input),
  ];
}
