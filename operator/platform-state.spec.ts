import { describe, expect, it } from '@jest/globals';
import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { TenantSpec } from '#libs/contracts/tenant-spec.js';
import { annotations } from './kinds.js';
import { versionFor } from './platform-state.js';

const people = { displayName: 'Acme', owner: { email: 'owner@acme.example' } };

describe('the version of a tenant', () => {
  const pin = { platformVersion: 'pin' };
  it.each<[string, object, { assigned?: string; last?: string; reached: string | null }, string]>([
    ['is that of its manifest before all others', pin, { assigned: 'given', last: 'last', reached: 'all' }, 'pin'],
    ['is the one a rollout gave it', {}, { assigned: 'given', last: 'last', reached: 'all' }, 'given'],
    ['stays the one it ran where no rollout gave it one', {}, { last: 'last', reached: 'all' }, 'last'],
    ['is what everybody has where it is new', {}, { reached: 'all' }, 'all'],
    ['is the platform’s where nobody has any', {}, { reached: null }, 'platform'],
    [
      'is that of the shared apps where they serve it',
      { ...pin, isolation: 'pooled' },
      { assigned: 'given', last: 'last', reached: 'all' },
      'platform',
    ],
  ])('%s', (_does, spec, { assigned, last, reached }, expected) => {
    const object = {
      apiVersion: 'whisperengine.ai/v1alpha1',
      kind: 'WhisperTenant',
      metadata: {
        name: 'acme',
        ...(assigned === undefined ? {} : { annotations: { [annotations.assignedVersion]: assigned } }),
      },
      status: last === undefined ? {} : { platformVersion: last },
    };
    const platform = { spec: PlatformSpec.parse({ version: 'platform' }), reached, images: [] };

    expect(versionFor(object, TenantSpec.parse({ ...people, ...spec }), platform)).toBe(expected);
  });
});
