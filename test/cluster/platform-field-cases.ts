import { type FieldCase, field, fields } from './field-cases.js';

const container = 'deployment/chat spec.template.spec.containers.0';
const digest = `sha256:${'a'.repeat(64)}`;

const resources = (app: 'chat' | 'router' | 'admin'): [string, FieldCase][] =>
  (['requests', 'limits'] as const).flatMap((kind) => [
    field(
      `resources.${app}.${kind}.cpu`,
      '2',
      `deployment/${app} spec.template.spec.containers.0.resources.${kind}.cpu`,
    ),
    field(
      `resources.${app}.${kind}.memory`,
      kind === 'requests' ? '900Mi' : '950Mi',
      `deployment/${app} spec.template.spec.containers.0.resources.${kind}.memory`,
    ),
  ]);

const scaling = (app: 'chat' | 'router' | 'admin'): [string, FieldCase][] => [
  field(`autoscaling.${app}.min`, 2, `hpa/${app} spec.minReplicas`),
  field(`autoscaling.${app}.max`, 8, `hpa/${app} spec.maxReplicas`),
  field(`autoscaling.${app}.targetCpu`, 65, `hpa/${app} spec.metrics.0.resource.target.averageUtilization`),
];

const gateway = (more: object) => ({
  ingress: { type: 'gateway', gateway: { name: 'front', namespace: 'doors', ...more } },
});

/** One change of each field of the platform, as it is seen in the objects of a dedicated tenant. */
export const platformFieldCases: ReadonlyMap<string, FieldCase> = new Map([
  field('image.registry', 'registry.example', `${container}.image`, 'registry.example/whisperengine/whisper:1.0.0'),
  field('image.repository', 'own/whisper', `${container}.image`, 'registry.example/own/whisper:1.0.0'),
  field('image.tag', 'edge', `${container}.image`, 'registry.example/own/whisper:edge'),
  field('image.digest', digest, `${container}.image`, `registry.example/own/whisper@${digest}`),
  field('image.pullPolicy', 'Always', `${container}.imagePullPolicy`),
  field('image.pullSecrets', ['pull'], 'deployment/chat spec.template.spec.imagePullSecrets.0.name', 'pull'),
  field('publicUrl', 'https://talk.example', 'config hosts.0', 'field.talk.example'),
  field('trustedProxies', ['10.0.0.0/8'], `variables WHISPER_TRUSTED_PROXIES`, '10.0.0.0/8'),
  field('otlpEndpoint', 'http://otel.example:4318', 'variables OTEL_EXPORTER_OTLP_ENDPOINT'),
  field('ingress.className', 'inner', 'ingress/chat spec.ingressClassName'),
  field('ingress.clusterIssuer', 'acme-ca', 'ingress/chat metadata.annotations.cert-manager%io/cluster-issuer'),
  fields(
    'ingress.annotations[].name',
    { ingress: { annotations: [{ name: 'a.example/one', value: 'x' }] } },
    'ingress/chat metadata.annotations.a%example/one',
    'x',
  ),
  fields(
    'ingress.annotations[].value',
    { ingress: { annotations: [{ name: 'a.example/one', value: 'y' }] } },
    'ingress/chat metadata.annotations.a%example/one',
    'y',
  ),
  field(
    'ingress.namespace',
    'doors',
    'networkpolicy/chat spec.ingress.0.from.0.namespaceSelector.matchLabels.kubernetes%io/metadata%name',
  ),
  field(
    'monitoring.namespace',
    'watchers',
    'networkpolicy/chat spec.ingress.1.from.2.namespaceSelector.matchLabels.kubernetes%io/metadata%name',
  ),
  fields(
    'monitoring.labels[].name',
    { monitoring: { labels: [{ name: 'team', value: 'a' }] } },
    'servicemonitor/whisper metadata.labels.team',
    'a',
  ),
  fields(
    'monitoring.labels[].value',
    { monitoring: { labels: [{ name: 'team', value: 'b' }] } },
    'servicemonitor/whisper metadata.labels.team',
    'b',
  ),
  ...resources('chat'),
  ...resources('router'),
  ...resources('admin'),
  ...scaling('chat'),
  ...scaling('router'),
  ...scaling('admin'),
  field('quotas.cpu', '10', 'resourcequota/tenant spec.hard.requests%cpu'),
  field('quotas.memory', '30Gi', 'resourcequota/tenant spec.hard.requests%memory'),
  field('quotas.pods', 70, 'resourcequota/tenant spec.hard.pods', '70'),
  fields('ingress.type', gateway({}), 'httproute/chat spec.parentRefs.0.namespace', 'doors'),
  fields('ingress.gateway.name', gateway({ name: 'back' }), 'httproute/chat spec.parentRefs.0.name', 'back'),
  fields(
    'ingress.gateway.namespace',
    gateway({ namespace: 'gates' }),
    'httproute/chat spec.parentRefs.0.namespace',
    'gates',
  ),
  fields(
    'ingress.gateway.sectionName',
    gateway({ sectionName: 'tls' }),
    'httproute/chat spec.parentRefs.0.sectionName',
    'tls',
  ),
]);

/** One change of each field of a backend, as the pods of its tenant are told of it. */
export const backendFieldCases: ReadonlyMap<string, FieldCase> = new Map([
  field('url', 'http://127.0.0.1:9/v1', 'backends 0.spec.url'),
  field('provider', 'vllm', 'backends 0.spec.provider'),
  fields('apiKeySecretRef.name', { apiKeySecretRef: { name: 'key' } }, 'backends 0.spec.apiKeySecretRef.name', 'key'),
  fields(
    'apiKeySecretRef.key',
    { apiKeySecretRef: { name: 'key', key: 'other' } },
    'secret/backends data.backend-own%key%other',
    Buffer.from('made at run time').toString('base64'),
  ),
  field('models[].id', 'small', 'backends 0.spec.models.0.id'),
  fields(
    'models[].kind',
    { models: [{ id: 'small', kind: 'embeddings' }] },
    'backends 0.spec.models.0.kind',
    'embeddings',
  ),
  fields(
    'models[].contextTokens',
    { models: [{ id: 'small', contextTokens: 4_096 }] },
    'backends 0.spec.models.0.contextTokens',
    4_096,
  ),
  fields(
    'models[].inputUsdPerMillion',
    { models: [{ id: 'small', inputUsdPerMillion: '1.5' }] },
    'backends 0.spec.models.0.inputUsdPerMillion',
    '1.5',
  ),
  fields(
    'models[].outputUsdPerMillion',
    { models: [{ id: 'small', outputUsdPerMillion: '2' }] },
    'backends 0.spec.models.0.outputUsdPerMillion',
    '2',
  ),
  field('maxConcurrent', 12, 'backends 0.spec.maxConcurrent'),
]);

/** One change of each field of a shard, as the directory has it; how it is reached is tried by itself. */
export const shardFieldCases: ReadonlyMap<string, FieldCase> = new Map([
  field('region', 'north', 'shard region'),
  field('capacity', 7, 'shard capacity'),
  field('weight', 3, 'shard weight'),
  field('cordoned', true, 'shard state', 'cordoned'),
]);
