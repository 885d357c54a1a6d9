import type { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { ports } from './names.js';

/** Host names that are answered alike, and the Service that answers each path. */
export interface Face {
  readonly name: 'chat' | 'admin';
  readonly hosts: readonly string[];
  readonly paths: Readonly<Record<string, string>>;
}

/** An HTTPRoute holds no more host names (its own definition). */
const hostsPerRoute = 16;

/** `spec` of an Ingress for some faces. */
export function ingressSpec({ ingress }: PlatformSpec, faces: readonly Face[], tls: readonly object[]): object {
  const rules = faces.flatMap(({ hosts, paths }) =>
    hosts.map((host) => ({
      host,
      http: {
        paths: Object.entries(paths).map(([path, name]) => ({
          path,
          pathType: 'Prefix',
          backend: { service: { name, port: { name: 'http' } } },
        })),
      },
    })),
  );
  return {
    ...(ingress.className === undefined ? {} : { ingressClassName: ingress.className }),
    ...(tls.length === 0 ? {} : { tls }),
    rules,
  };
}

/** `spec` of the HTTPRoutes for one face. A request has no deadline: an answer streams for as long as it takes. */
export function httpRouteSpecs({ ingress }: PlatformSpec, { hosts, paths }: Face): readonly object[] {
  const chunks = Array.from({ length: Math.ceil(hosts.length / hostsPerRoute) }, (_none, index) =>
    hosts.slice(index * hostsPerRoute, (index + 1) * hostsPerRoute),
  );
  const rules = Object.entries(paths).map(([value, name]) => ({
    matches: [{ path: { type: 'PathPrefix', value } }],
    backendRefs: [{ name, port: ports.http }],
    timeouts: { request: '0s' },
  }));
  return chunks.map((hostnames) => ({
    ...(ingress.gateway === undefined ? {} : { parentRefs: [ingress.gateway] }),
    hostnames,
    rules,
  }));
}
