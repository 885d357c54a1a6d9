import { appNames } from '#libs/contracts/workload-settings.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { child } from './child.js';
import type { RenderInput } from './render-input.js';

/**
 * An identity for each app. None has a right, or a token for the API server: no app of a tenant asks it anything. The
 * router knows the others by theirs.
 */
export function serviceAccounts(input: RenderInput): readonly KubeObject[] {
  return appNames.map((app) =>
    child(
      input,
      { apiVersion: 'v1', kind: 'ServiceAccount', name: app, component: app },
      { automountServiceAccountToken: false },
    ),
  );
}
