import { describe, expect, it } from '@jest/globals';
import { renderInput } from '#test/support/render-input.js';
import { desired } from './desired.js';
import { clusterRules, writtenKinds } from './rbac.js';
import { sharedObjects } from './shared-objects.js';

const gateway = { type: 'gateway', gateway: { name: 'g', namespace: 'g' } };
const facts = {
  certificates: [{ host: 'acme.example', certificate: 'c', key: 'k' }],
  pullSecrets: { registry: '{}' },
};
const variants = [
  renderInput({ platform: { ingress: { type: 'ingress' } }, facts }),
  renderInput({ platform: { ingress: gateway }, facts }),
  renderInput({ spec: { hibernate: { enabled: true } } }),
  renderInput({ spec: { isolation: 'pooled' } }),
];
const shared = [{ type: 'ingress' }, gateway].flatMap((ingress) =>
  sharedObjects({
    ...renderInput({ platform: { ingress } }).facts,
    namespace: 'n',
    platformUid: 'u',
    platform: renderInput({ platform: { ingress } }).platform,
    shards: [],
    tenants: [{ name: 'a', hosts: ['a.example'], certificates: {} }],
  }),
);
const rendered = [...variants.flatMap(desired), ...shared];

/** Group and kind of each object, as the API server asks for rights. */
const asked = new Set(
  rendered.map(({ apiVersion, kind }) => `${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''} ${kind}`),
);

describe('the rights of the operator', () => {
  it('cover each kind that is rendered, and no kind that is not', () => {
    const held = Object.entries(writtenKinds).map(([kind, { group }]) => `${group} ${kind}`);

    expect([...asked].sort()).toEqual(held.sort());
  });

  it('let it write each of those kinds', () => {
    for (const { group, name } of Object.values(writtenKinds)) {
      const verbs = clusterRules
        .filter(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(name))
        .flatMap((rule) => rule.verbs);
      expect(verbs).toEqual(['get', 'list', 'watch', 'create', 'patch', 'delete']);
    }
  });

  it('hold no wildcard and nothing that hands on rights', () => {
    const words = clusterRules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs]);

    expect(words.filter((word) => word.includes('*'))).toEqual([]);
    expect(
      words.filter((word) => /^(roles|clusterroles|rolebindings|clusterrolebindings|pods\/exec)$/.test(word)),
    ).toEqual([]);
    expect(words.filter((word) => /^(bind|escalate|impersonate)$/.test(word))).toEqual([]);
  });

  it('never let it change what a tenant says of itself by more than finalizers and annotations need', () => {
    const own = clusterRules.filter(({ apiGroups }) => apiGroups.includes('whisperengine.ai'));

    expect(own.flatMap(({ verbs }) => verbs).filter((verb) => /create|delete/.test(verb))).toEqual([]);
  });
});
