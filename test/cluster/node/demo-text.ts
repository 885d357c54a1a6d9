import { join } from 'node:path';
import { nodeProgramFolders } from './component.js';
import type { Doors } from './doors.js';
import { home, type WholeCluster } from './whole-cluster.js';

/** Where the pods of a tenant are that make a link of its owner. */
export const linkPlaces = {
  acme: ['whisper-acme', 'deployment/chat'],
  globex: [home, 'deployment/whisper-chat'],
} as const;

/** What a person needs to look at a cluster that runs: addresses, ways in, kubectl, and how to end it. */
export async function demoText(cluster: WholeCluster, { kubeconfig }: Doors): Promise<string> {
  const kubectl = join(nodeProgramFolders().kubernetes, 'kubectl');
  const link = (tenant: keyof typeof linkPlaces) => cluster.ownerLink(tenant, linkPlaces[tenant]);
  return `
Whisper runs in a cluster of its own on this machine, with an operator, two databases for tenants, Redis and two tenants.

  acme     ${cluster.chatUrl('acme')}    dedicated: pods of its own in the namespace whisper-acme
           The button of the identity provider lets Ida Admin and Max Member in. As the owner, within 15 minutes:
           ${await link('acme')}
  globex   ${cluster.chatUrl('globex')}    pooled: served by the shared apps in ${home}. As the owner, within 15 minutes:
           ${await link('globex')}

  The admin pages are behind /admin of each. A browser on this machine finds the addresses; through an SSH tunnel
  forward the ports ${cluster.ports.chat} and ${cluster.ports.idp}.

Look at it, break it, and see it come back:

  export KUBECONFIG=${kubeconfig}
  ${kubectl} get whispertenants
  ${kubectl} get pods --all-namespaces
  ${kubectl} delete deployment chat -n whisper-acme
  ${kubectl} exec -n whisper-acme deployment/chat -- whisper link --tenant acme

Stop it, with everything in it, by Ctrl-C or: kill ${process.pid}
`;
}
