/** A rule of a NetworkPolicy's `egress`. */
export interface EgressRule {
  readonly to: readonly object[];
  readonly ports?: readonly object[];
}

const defaultPorts: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
  'rediss:': 6379,
  'http:': 80,
  'https:': 443,
};

const isV4 = (host: string) => /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/.test(host);
const isV6 = (host: string) => host.includes(':');

const service = /^[a-z0-9-]+\.([a-z0-9-]+)\.svc(\.[a-z0-9.-]+)?$/;

/** All pods of a namespace. */
export function namespacePeer(name: string): object {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}

/** TCP ports in the form of a rule. */
export function tcp(...numbers: readonly number[]): readonly object[] {
  return numbers.map((port) => ({ protocol: 'TCP', port }));
}

const anywhere = [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }];

function blockOf(address: string): object {
  return { ipBlock: { cidr: `${address}/${isV6(address) ? 128 : 32}` } };
}

/**
 * Lets pods reach the server of `url`. A Service of the cluster opens its namespace: policies look at the pod and the
 * port behind a Service, which its address does not tell. A policy knows no host names: one outside the cluster opens
 * its port everywhere, unless `addresses` says where it is.
 */
export function egressTo(url: string, addresses: Readonly<Record<string, readonly string[]>>): EgressRule {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const [, inNamespace] = service.exec(host) ?? [];
  if (inNamespace !== undefined) return { to: [namespacePeer(inNamespace)] };
  const numbers = tcp(port === '' ? (defaultPorts[protocol] ?? 443) : Number(port));
  if (isV4(host) || isV6(host)) return { to: [blockOf(host)], ports: numbers };
  const known = addresses[host] ?? [];
  return { to: known.length === 0 ? anywhere : [...known].sort().map(blockOf), ports: numbers };
}
