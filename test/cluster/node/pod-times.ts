import type { KubeTools } from '../control-plane.js';

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly creationTimestamp: string };
    readonly status: {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly lastTransitionTime: string;
      }[];
    };
  }[];
}

/** How long each pod of a namespace took from its object to Ready, as `chat-1 4 s, …`. */
export async function podReadySeconds(kube: KubeTools, namespace: string): Promise<string> {
  const { items } = JSON.parse(await kube.kubectl('get', 'pods', '-n', namespace, '-o', 'json')) as Pods;
  return items
    .flatMap(({ metadata, status }) => {
      const ready = status.conditions?.find(({ type, status: is }) => type === 'Ready' && is === 'True');
      if (ready === undefined) return [];
      const ms = new Date(ready.lastTransitionTime).getTime() - new Date(metadata.creationTimestamp).getTime();
      return [`${metadata.name.replace(/-[a-z0-9]+-[a-z0-9]+$/, '')} ${Math.round(ms / 1000)} s`];
    })
    .join(', ');
}
