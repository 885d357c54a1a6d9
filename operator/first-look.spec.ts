import { describe, expect, it } from '@jest/globals';
import { firstPriority } from './first-look.js';

const lastTransitionTime = '2026-01-01T00:00:00Z';

function found(status: 'True' | 'False' | null, metadata: object = {}) {
  const condition = { type: 'Ready', status, reason: 'Ready', message: '', observedGeneration: 2, lastTransitionTime };
  return {
    apiVersion: 'whisperengine.ai/v1alpha1',
    kind: 'WhisperTenant',
    metadata: { name: 'acme', generation: 2, ...metadata },
    status: status === null ? {} : { observedGeneration: 2, conditions: [condition] },
  };
}

describe('a tenant that a new leader finds', () => {
  it.each([
    ['can wait where it is served as it asks', found('True'), 'resync'],
    ['goes first where nobody has looked at it yet', found(null), 'user'],
    ['goes first where it is not Ready', found('False'), 'user'],
    ['goes first where its manifest has changed meanwhile', found('True', { generation: 3 }), 'user'],
    ['goes first where it is being deleted', found('True', { deletionTimestamp: lastTransitionTime }), 'user'],
  ])('%s', (_case, object, expected) => {
    expect(firstPriority(object)).toBe(expected);
  });
});
