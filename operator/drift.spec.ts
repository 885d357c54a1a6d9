import { expect, it } from '@jest/globals';
import { changerOf } from './drift.js';
import type { ManagedFields } from './runtime/kube-object.js';

const entry = (manager: string, fieldsV1: unknown, more: Partial<ManagedFields> = {}): ManagedFields => ({
  manager,
  operation: 'Update',
  time: '2026-06-01T12:00:00Z',
  fieldsV1,
  ...more,
});
const replicas = { 'f:spec': { 'f:replicas': {} } };

it.each([
  [
    'the one that owns the field',
    [entry('helm', { 'f:spec': { 'f:paused': {} } }), entry('kubectl-edit', replicas)],
    'kubectl-edit',
  ],
  ['the last of two that own it', [entry('a', replicas), entry('b', replicas, { time: '2026-06-02T00:00:00Z' })], 'b'],
  ['nobody, where only we own it', [entry('whisper-operator/tenant', replicas, { operation: 'Apply' })], 'unknown'],
  ['nobody, where the field was taken away', [entry('kubectl-edit', { 'f:metadata': {} })], 'unknown'],
  [
    'not the one that reports the status',
    [entry('kube-controller-manager', replicas, { subresource: 'status' })],
    'unknown',
  ],
])('blames %s', (_case, managedFields, manager) => {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'chat', managedFields } };

  expect(changerOf(object, 'spec.replicas', new Set(['whisper-operator/tenant']))).toBe(manager);
});
