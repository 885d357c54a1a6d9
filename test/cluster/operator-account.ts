import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installRoot } from '#libs/platform/install-root.js';
import { type ControlPlane, kubeTools } from './control-plane.js';
import { runHelm } from './helm.js';

/** Where the operator of these tests lives. */
export const home = 'whisper-system';
/** Who it is to the API server. */
export const operatorUser = `system:serviceaccount:${home}:whisper-operator`;

const rights = ['service-account', 'cluster-role', 'role', 'bindings'].map((part) => `operator-${part}`);

/**
 * Gives the operator its account with the rights of the chart, and no others. `hasPolicies`: the chart's admission
 * policies too.
 * @returns path of the account's kubeconfig
 */
export async function operatorAccount(plane: ControlPlane, programs: string, hasPolicies: boolean): Promise<string> {
  const kube = kubeTools(programs, plane.kubeconfig);
  const parts = [...rights, ...(hasPolicies ? ['policies'] : [])].map((part) => `--show-only=templates/${part}.yaml`);
  const chart = join(installRoot(), 'charts/whisper');
  const args = ['template', 'whisper', chart, '--namespace', home, ...parts];
  const { ok, stdout, stderr } = await runHelm(join(programs, 'helm'), args);
  if (!ok) throw new Error(stderr);
  await kube.applyText(stdout);
  const token = await kube.kubectl('create', 'token', 'whisper-operator', `--namespace=${home}`, '--duration=8h');
  const file = join(plane.folder, 'operator.kubeconfig');
  const admin = JSON.parse(readFileSync(plane.kubeconfig, 'utf8')) as Readonly<Record<string, unknown>>;
  const users = [{ name: 'admin', user: { token: token.trim() } }];
  writeFileSync(file, JSON.stringify({ ...admin, users }), { mode: 0o600 });
  return file;
}
