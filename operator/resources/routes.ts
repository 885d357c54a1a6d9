import type { PlatformSpec } from '#libs/contracts/platform-spec.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { child } from './child.js';
import { childNames } from './names.js';
import type { RenderInput } from './render-input.js';
import { type Face, httpRouteSpecs, ingressSpec } from './route-specs.js';
import { certificateName } from './secrets.js';

/** Annotations of every route of the platform. */
export function routeAnnotations({ ingress }: PlatformSpec): Readonly<Record<string, string>> {
  const own = Object.fromEntries((ingress.annotations ?? []).map(({ name, value }) => [name, value]));
  const issuer = ingress.type === 'ingress' ? ingress.clusterIssuer : undefined;
  return issuer === undefined ? own : { ...own, 'cert-manager.io/cluster-issuer': issuer };
}

/** The faces of a tenant at its host names. */
function facesOf({ compiled }: RenderInput): readonly Face[] {
  return [
    { name: 'chat', hosts: compiled.hosts, paths: { '/v1': 'router', '/': 'chat' } },
    { name: 'admin', hosts: compiled.hosts.map((host) => `admin.${host}`), paths: { '/': 'admin' } },
  ];
}

/** Which Secret holds the certificate of each host: one that was brought along, or the one an issuer makes. */
function tlsOf({ name, hosts }: Face, { platform, facts }: RenderInput): readonly object[] {
  const brought = new Map(facts.certificates.map(({ host }) => [host, certificateName(host)]));
  const base = (host: string) => (name === 'admin' ? host.slice('admin.'.length) : host);
  const own = hosts.flatMap((host) => {
    const secretName = brought.get(base(host));
    return secretName === undefined ? [] : [{ hosts: [host], secretName }];
  });
  const rest = hosts.filter((host) => !brought.has(base(host)));
  if (platform.ingress.clusterIssuer === undefined || rest.length === 0) return own;
  return [...own, { hosts: rest, secretName: `${childNames.tls}-${name}` }];
}

/** How requests from outside reach the apps; none where the platform names no way in. */
export function routes(input: RenderInput): readonly KubeObject[] {
  const { platform, facts } = input;
  const annotations = routeAnnotations(platform);
  if (platform.ingress.type === 'ingress')
    return facesOf(input).map((face) =>
      child(
        input,
        { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: face.name, component: face.name, annotations },
        { spec: ingressSpec(platform, [face], tlsOf(face, input)) },
      ),
    );
  if (platform.ingress.type === 'gateway' && facts.capabilities.gatewayApi)
    return facesOf(input).flatMap((face) =>
      httpRouteSpecs(platform, face).map((spec, index) =>
        child(
          input,
          {
            apiVersion: 'gateway.networking.k8s.io/v1',
            kind: 'HTTPRoute',
            name: index === 0 ? face.name : `${face.name}-${index + 1}`,
            component: face.name,
            annotations,
          },
          { spec },
        ),
      ),
    );
  return [];
}
