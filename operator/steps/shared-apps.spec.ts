import { describe, expect, it } from '@jest/globals';
import { sharedApps } from '#test/support/shared-apps.js';
import { sharedFinding, sharedTrouble } from './shared-apps.js';

const home = 'whisper-system';
const running = sharedApps(home).map((app) => ({ ...app, status: { availableReplicas: 2 } }));
const scaled = (name: string, status: object) =>
  running.map((app) => (app.metadata.name === name ? { ...app, status } : app));
const stuck = {
  availableReplicas: 2,
  conditions: [{ type: 'Progressing', status: 'False', message: 'timed out progressing.' }],
};

describe('the shared apps', () => {
  it.each([
    ['serve', running, null, 'True'],
    ['serve while one of them rolls', scaled('whisper-chat', { replicas: 3, availableReplicas: 1 }), null, 'True'],
    ['are missing', running.slice(1), /Deployments whisper-chat in the namespace whisper-system/, 'False'],
    ['have no pod', scaled('whisper-router', {}), /No pod serves of whisper-router/, 'False'],
    ['do not get on with a new version', scaled('whisper-admin', stuck), /whisper-admin.*timed out/, 'True'],
  ])('%s', (_do, deployments, said, serving) => {
    const trouble = sharedTrouble(deployments, home);

    if (said === null) expect(trouble).toBeNull();
    else expect(trouble?.message).toMatch(said);
    expect(sharedFinding(deployments, home).status).toBe(serving);
  });

  it('are told of to tenants in the same words, whatever is down', () => {
    const words = [scaled('whisper-router', {}), scaled('whisper-chat', {}), []].map(
      (deployments) => sharedFinding(deployments, home).message,
    );

    expect(new Set(words).size).toBe(1);
  });
});
