import { describe, expect, it } from '@jest/globals';
import { isUnreachable } from './shard-state.js';

function shard(status: string, reason: string) {
  const condition = {
    type: 'Ready',
    status,
    reason,
    message: '',
    observedGeneration: 1,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  const metadata = { name: 'main' };
  return {
    apiVersion: 'whisperengine.ai/v1alpha1',
    kind: 'DatabaseShard',
    metadata,
    status: { conditions: [condition] },
  };
}

describe('a shard', () => {
  it.each([
    ['is away when its server does not answer', shard('False', 'Unreachable'), true],
    ['is there when it takes tenants', shard('True', 'Ready'), false],
    ['is there when only its secret is missing', shard('False', 'SecretMissing'), false],
    ['is not taken for away before anybody looked', { ...shard('True', 'Ready'), status: {} }, false],
    ['is not taken for away where there is no such object', undefined, false],
  ])('%s', (_case, object, expected) => {
    expect(isUnreachable(object)).toBe(expected);
  });
});
