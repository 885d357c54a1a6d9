import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { LoopbackFinder } from '#libs/backends/loopback-finder.js';
import { OpenAiCompatible } from '#libs/backends/openai-compatible.js';
import { BackendKeys } from '#libs/inference/app/backend-keys.js';
import { KnownBackends } from '#libs/inference/app/known-backends.js';
import { backendFromSpec } from '#libs/inference/domain/backend-from-spec.js';
import type { ServerFinder } from '#libs/inference/ports/server-finder.js';
import { FakeModelServer } from '#test/fakes/fake-model-server.js';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { MemoryBackendRegistry, MemorySecrets } from '#test/fakes/memory-inference.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { SilentTelemetry } from '#test/fakes/silent-telemetry.js';
import { freePort } from '#test/support/free-port.js';
import { backendAt } from '#test/support/router-app.js';
import { until } from '#test/support/until.js';

/** A port that takes connections and never says a word. */
async function startMute(): Promise<{ server: Server; port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('model servers', () => {
  let fake: FakeModelServer;
  let mute: Awaited<ReturnType<typeof startMute>>;
  let registry: MemoryBackendRegistry;
  let secrets: MemorySecrets;
  let openai: OpenAiCompatible;
  let known: KnownBackends;

  beforeEach(async () => {
    fake = await FakeModelServer.start({ models: ['llama3', 'nomic-embed-text'] });
    mute = await startMute();
    registry = new MemoryBackendRegistry();
    secrets = new MemorySecrets();
    openai = new OpenAiCompatible();
    known = knownWith(null);
  });
  afterEach(async () => {
    known.close();
    await Promise.all([openai.close(), fake.close().catch(() => undefined), mute.close()]);
  });

  function knownWith(finder: ServerFinder | null): KnownBackends {
    const keys = new BackendKeys(secrets, new ManualClock());
    return new KnownBackends({ registry, finder, server: openai, keys, telemetry: new SilentTelemetry() });
  }
  const profileWith = (...names: string[]) =>
    memoryTenant('acme', { backends: names.map((name) => ({ name })) }).manifest.models;

  describe('found on this machine', () => {
    it('are named after their kind, with their models under that name', async () => {
      const ports = { ollama: fake.port, vllm: await freePort(), lmstudio: mute.port, llamacpp: await freePort() };
      const startedAt = performance.now();

      const found = await new LoopbackFinder(ports).find();

      expect(performance.now() - startedAt).toBeLessThan(8_000);
      expect(found).toMatchObject([{ name: 'ollama', source: 'found', url: `http://127.0.0.1:${fake.port}/v1` }]);
      expect(found[0]?.models?.map(({ id, kind }) => [id, kind])).toEqual([
        ['llama3', 'chat'],
        ['nomic-embed-text', 'embeddings'],
      ]);
    });

    it('are offered with a prefix, and stay in the list as unreachable when they go', async () => {
      const ports = { ollama: fake.port, vllm: mute.port, lmstudio: mute.port, llamacpp: mute.port };
      known = knownWith(new LoopbackFinder(ports));
      await known.refresh();
      const profile = memoryTenant('acme', { discover: true }).manifest.models;

      const during = await known.catalogue(profile);

      await fake.close();
      // As many rounds as lie between two searches.
      for (let round = 0; round < 15; round += 1) await known.refresh();
      const after = await known.catalogue(profile);

      expect(during.models.map(({ id }) => id)).toEqual(['ollama/llama3', 'ollama/nomic-embed-text']);
      expect(during.defaultModel).toBe('ollama/llama3');
      expect(after.models.map(({ available }) => available)).toEqual([false, false, true]);
      expect(after.problem?.message).toContain('no longer answers');
    });
  });

  describe('of the manifests', () => {
    it('never delay the list, however dead they are', async () => {
      registry.definitions = [
        backendAt('good', fake.url),
        backendAt('mute', `http://127.0.0.1:${mute.port}/v1`),
        backendAt('gone', `http://127.0.0.1:${await freePort()}/v1`),
      ];
      known.start();
      const profile = profileWith('good', 'mute', 'gone');
      // Only the very first call may wait at all, and only for a second.
      const startedAt = performance.now();
      const first = await known.catalogue(profile);

      expect(performance.now() - startedAt).toBeLessThan(10_000);
      expect(first.models.map(({ id }) => id)).toEqual(['llama3', 'nomic-embed-text']);
    });

    it.each([
      ['nobody listens', async () => `http://127.0.0.1:${await freePort()}/v1`, /cannot be reached/],
      ['nobody answers', () => Promise.resolve(`http://127.0.0.1:${mute.port}/v1`), /does not answer/],
      ['there is no such path', () => Promise.resolve(fake.url.replace('/v1', '/v2')), /HTTP 404|does not list/],
    ])('say why when %s', async (_case, url, words) => {
      openai = new OpenAiCompatible(300);
      known = knownWith(null);
      registry.definitions = [backendAt('b', await url())];
      fake.script('undefined', { status: 404 });
      await known.refresh();

      const { problem, backends } = await known.catalogue(profileWith('b'));

      expect(problem?.message).toMatch(words);
      expect(backends.find(({ state }) => state.definition.name === 'b')?.state.problem).toMatch(words);
    });

    it('are asked with the key of their secret, which may come later', async () => {
      fake.apiKey = 's3cret';
      const spec = { provider: 'openai' as const, url: fake.url, apiKeySecretRef: { name: 'llm', key: 'value' } };
      registry.definitions = [backendFromSpec('b', spec, 'r1')];
      await known.refresh();
      const before = await known.catalogue(profileWith('b'));
      secrets.values.set('backend-b/llm/value', 's3cret');
      await until(async () => {
        await known.refresh();
        return (await known.catalogue(profileWith('b'))).models.some(
          ({ available, id }) => available && id === 'llama3',
        );
      });

      expect(before.problem?.message).toContain('secrets/backend-b/llm/value');
    });

    it('change with the manifest at once, and go with it', async () => {
      registry.definitions = [backendAt('b', fake.url)];
      await known.refresh();
      const second = await FakeModelServer.start({ models: ['other'] });
      registry.definitions = [backendAt('b', second.url)];
      await known.refresh();
      const changed = await known.catalogue(profileWith('b'));
      registry.definitions = [];
      await known.refresh();
      const gone = await known.catalogue(profileWith('b'));
      await second.close();

      expect(changed.models.map(({ id }) => id)).toEqual(['other']);
      expect(gone.missing).toEqual(['b']);
    });

    it('come back by themselves when they start', async () => {
      const port = await freePort();
      registry.definitions = [backendAt('late', `http://127.0.0.1:${port}/v1`)];
      await known.refresh();
      const late = await FakeModelServer.start({ models: ['m'], port });
      const back = await until(async () => {
        await known.refresh();
        const { models } = await known.catalogue(profileWith('late'));
        return models.find(({ id, available }) => id === 'm' && available);
      });
      await late.close();

      expect(back.id).toBe('m');
    });
  });
});
