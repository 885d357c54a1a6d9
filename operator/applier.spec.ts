import { beforeEach, describe, expect, it } from '@jest/globals';
import { Applier } from './applier.js';
import { labelNames } from './resources/names.js';
import { refOf } from './runtime/api-resource.js';
import type { KubeClient } from './runtime/client.js';
import type { KubeObject } from './runtime/kube-object.js';

const service = (port: number, version?: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'chat',
    namespace: 'whisper-acme',
    ...(version === undefined ? {} : { resourceVersion: String(version) }),
  },
  spec: { port },
});
const space = (tenant?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: 'whisper-acme',
    ...(tenant === undefined
      ? {}
      : { labels: { [labelNames.tenant]: tenant, [labelNames.managedBy]: 'whisper-operator' } }),
  },
});
const ref = refOf(service(80));
const { signal } = new AbortController();

/** What the watch has brought, and the API server behind it; `onAnswer` runs before a write is answered. */
class Cluster {
  nowMs = 0;
  version = 10;
  seen: KubeObject | undefined;
  found: KubeObject | null = null;
  applied = 0;
  onAnswer: () => void = () => undefined;
  private hear: (object: KubeObject, before: KubeObject | null) => void = () => undefined;

  readonly applier = new Applier({
    client: {
      find: () => Promise.resolve(this.found),
      apply: (object: KubeObject) => {
        this.applied += 1;
        this.version += 1;
        const answer = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
        this.onAnswer();
        return Promise.resolve(answer);
      },
    } as unknown as KubeClient,
    view: {
      child: () => this.seen,
      childrenOf: () => [],
      onChild: (hear) => (this.hear = hear),
    },
    now: () => new Date(this.nowMs),
  });

  brings(object: KubeObject): void {
    const before = this.seen ?? null;
    this.seen = object;
    this.hear(object, before);
  }

  ends(): void {
    const before = this.seen;
    this.seen = undefined;
    if (before !== undefined) this.hear(before, before);
  }
}

describe('an object that was applied', () => {
  let cluster: Cluster;
  beforeEach(() => {
    cluster = new Cluster();
  });
  const apply = (port = 80) => cluster.applier.apply('acme', [service(port)], signal);
  const known = () => cluster.applier.known(ref)?.metadata.resourceVersion;

  it('is known before the watch has brought it, and not written again', async () => {
    await apply();
    await apply();

    expect([known(), cluster.applied]).toEqual(['11', 1]);
  });

  it('is still known where the watch brings a version from before', async () => {
    cluster.brings(service(70, 9));
    await apply();
    cluster.brings(service(75, 10));

    expect(known()).toBe('11');
  });

  it('is what the watch says, where somebody changed it before our answer came', async () => {
    cluster.onAnswer = () => cluster.brings(service(99, 12));
    await apply();

    expect(known()).toBe('12');
  });

  it('is gone, where it ended before our answer came', async () => {
    cluster.onAnswer = () => {
      cluster.brings(service(80, 11));
      cluster.ends();
    };
    await apply();

    expect(known()).toBeUndefined();
  });

  it('is gone, where the watch lost it without telling its last version', async () => {
    cluster.brings(service(70, 9));
    await apply();
    cluster.ends();

    expect(known()).toBeUndefined();
  });

  it('is not believed in for ever without a word of the watch', async () => {
    await apply();
    cluster.nowMs = 60_000;
    await apply();

    expect(cluster.applied).toBe(2);
  });
});

describe('a namespace that is there already', () => {
  it.each([
    ['somebody else’s', space(), ['NamespaceTaken'], 0],
    ['another tenant’s', space('globex'), ['NamespaceTaken'], 0],
    ['the tenant’s own', space('acme'), [], 2],
  ])('is left alone with all in it where it is %s', async (_title, found, reasons, applied) => {
    const cluster = new Cluster();
    cluster.found = found;

    const report = await cluster.applier.apply('acme', [space('acme'), service(80)], signal);

    expect(report.failures.map(({ error }) => error.reason)).toEqual(reasons);
    expect(cluster.applied).toBe(applied);
  });
});
