/** Objects as `kubectl get ingress,service -o json` lists them; only what is read here. */
interface Listed {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly name?: string; readonly port: number }[];
    readonly rules?: readonly IngressRule[];
  };
}

interface IngressRule {
  readonly host?: string;
  readonly http?: {
    readonly paths: readonly {
      readonly path?: string;
      readonly backend: {
        readonly service: {
          readonly name: string;
          readonly port: { readonly name?: string; readonly number?: number };
        };
      };
    }[];
  };
}

/** Where requests for a host and a path go. */
export interface WayIn {
  readonly host: string;
  readonly path: string;
  readonly address: string;
  readonly port: number;
}

/** What the Ingress objects of a cluster say, the longest path first. */
export function waysIn(listed: readonly Listed[]): readonly WayIn[] {
  const services = listed.filter(({ kind }) => kind === 'Service');
  const ways = listed
    .filter(({ kind }) => kind === 'Ingress')
    .flatMap(({ metadata, spec }) =>
      (spec.rules ?? []).flatMap(({ host = '', http }) =>
        (http?.paths ?? []).flatMap(({ path = '/', backend }) => {
          const service = services.find(
            (each) => each.metadata.name === backend.service.name && each.metadata.namespace === metadata.namespace,
          );
          const { name, number } = backend.service.port;
          const port = service?.spec.ports?.find((each) => each.name === name || each.port === number)?.port;
          const address = service?.spec.clusterIP;
          return port === undefined || address === undefined ? [] : [{ host, path, address, port }];
        }),
      ),
    );
  return ways.sort((a, b) => b.path.length - a.path.length);
}

/** The way for one request, or undefined where no Ingress speaks of it. */
export function wayFor(ways: readonly WayIn[], host: string, path: string): WayIn | undefined {
  const name = host.split(':')[0];
  const isBelow = (prefix: string) =>
    prefix === '/' || path === prefix || path.startsWith(`${prefix.replace(/\/$/, '')}/`);
  return ways.find((way) => way.host === name && isBelow(way.path.split('?')[0] ?? '/'));
}
