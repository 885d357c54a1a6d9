import { describe, expect, it } from '@jest/globals';
import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { resourcesOf } from './app-settings.js';

const chat = (resources: object) =>
  resourcesOf(PlatformSpec.parse({ version: '1.0.0', resources: { chat: resources } }), 'chat');

describe('CPU and memory of an app', () => {
  it.each([
    ['nothing was said', {}, { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '768Mi' } }],
    [
      'a request fits below the limit',
      { requests: { memory: '512Mi' } },
      { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '768Mi' } },
    ],
    [
      'a request is above the limit that nobody chose',
      { requests: { memory: '2Gi' } },
      { requests: { cpu: '100m', memory: '2Gi' }, limits: { memory: '2Gi' } },
    ],
    [
      'both were said',
      { requests: { memory: '1Gi' }, limits: { memory: '3Gi', cpu: 2 } },
      { requests: { cpu: '100m', memory: '1Gi' }, limits: { memory: '3Gi', cpu: 2 } },
    ],
  ])('are such that pods are let in, where %s', (_case, said, expected) => {
    expect(chat(said)).toEqual(expected);
  });
});
