import type { SsoSetting } from '#libs/tenancy/domain/sso-profile.js';
import { type AppName, appNames } from '#libs/contracts/workload-settings.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { child } from './child.js';
import { podSelector, ports } from './names.js';
import { egressTo, type EgressRule, namespacePeer, tcp } from './network-peers.js';
import type { RenderInput } from './render-input.js';

const head = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
const ownPods = { podSelector: {} };

/** The cluster's own name server, and the cache that some clusters run on each node under this address. */
const nameServers: EgressRule = {
  to: [namespacePeer('kube-system'), { ipBlock: { cidr: '169.254.20.10/32' } }],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

function ingressOf({ platform, facts }: RenderInput): readonly object[] {
  const { namespace } = platform.ingress;
  const readers = [facts.operatorNamespace, platform.monitoring?.namespace].filter((name) => name !== undefined);
  return [
    { ...(namespace === undefined ? {} : { from: [namespacePeer(namespace)] }), ports: tcp(ports.http) },
    { from: [ownPods, ...[...new Set(readers)].map(namespacePeer)], ports: tcp(ports.internal) },
  ];
}

/** Addresses of the identity provider that a manifest names. */
function providerUrls(sso: SsoSetting | null): readonly string[] {
  if (sso?.type === 'oidc') return [sso.issuer];
  return sso?.type === 'saml' && sso.source.kind === 'url' ? [sso.source.url] : [];
}

/** Where the manifest says nothing the tenant's own people may name a provider, on the open internet. */
function mayBeOutside(sso: SsoSetting | null): boolean {
  return sso === null || providerUrls(sso).some((url) => url.startsWith('https://'));
}

/** Servers that one app calls beside database and Redis. */
function calledBy(app: AppName, { compiled, facts }: RenderInput): readonly string[] {
  if (app === 'chat' || app === 'admin') return providerUrls(compiled.manifest.sso);
  if (app === 'router') return facts.backends.flatMap(({ spec }) => (spec.url === undefined ? [] : [spec.url]));
  return [];
}

/** Providers keep keys and tokens on hosts that only their discovery document names; those are served on 443. */
const providers: EgressRule = {
  to: [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }],
  ports: tcp(443),
};

function egressOf(app: AppName, input: RenderInput): readonly EgressRule[] {
  const { platform, facts, tenant, compiled } = input;
  const urls = [facts.databaseUrl, facts.redisUrl, platform.otlpEndpoint, ...calledBy(app, input)];
  const needed = urls.filter((url) => url !== null && url !== undefined).map((url) => egressTo(url, facts.addresses));
  const allowed = (tenant.spec.network?.egressAllow ?? []).map(({ cidr, ports: numbers }) => ({
    to: [{ ipBlock: { cidr } }],
    ...(numbers === undefined ? {} : { ports: tcp(...numbers) }),
  }));
  const asksProviders = app !== 'router' && mayBeOutside(compiled.manifest.sso);
  return [
    nameServers,
    { to: [ownPods], ports: tcp(ports.internal) },
    ...needed,
    ...(asksProviders ? [providers] : []),
    ...allowed,
  ].filter((rule, index, all) => all.findIndex((other) => JSON.stringify(other) === JSON.stringify(rule)) === index);
}

/** Nothing goes in or out but what each app needs. */
export function networkPolicies(input: RenderInput): readonly KubeObject[] {
  const policyTypes = ['Ingress', 'Egress'];
  return [
    child(input, { ...head, name: 'default-deny' }, { spec: { podSelector: {}, policyTypes } }),
    ...appNames.map((app) =>
      child(
        input,
        { ...head, name: app, component: app },
        {
          spec: { podSelector: podSelector(app), policyTypes, ingress: ingressOf(input), egress: egressOf(app, input) },
        },
      ),
    ),
  ];
}
