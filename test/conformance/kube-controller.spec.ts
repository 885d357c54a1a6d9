import { afterEach, expect, it } from '@jest/globals';
import type { KubeClient } from '#operator/runtime/client.js';
import { Controller } from '#operator/runtime/controller.js';
import { SharedInformer } from '#operator/runtime/informer.js';
import { KubeApiError } from '#operator/runtime/kube-api-error.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { LeaderElector } from '#operator/runtime/leader-election.js';
import { SystemTimers } from '#operator/runtime/timers.js';
import { WorkQueue } from '#operator/runtime/work-queue.js';
import { until } from '../support/until.js';
import { type Subject, describeSubjects, clientOver, widget } from './kube-subject.js';

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
const patienceMs = 60_000;
const writer = { fieldManager: 'mirror', force: true };
const timers = new SystemTimers();
const times = { leaseMs: 3000, renewMs: 1500, retryMs: 300 };

describeSubjects('a whole controller', contract);

/** A small operator: each Widget has a ConfigMap with its size. `written` counts its writes. */
class Mirror {
  readonly written: string[] = [];
  readonly elector: LeaderElector;
  private readonly stop = new AbortController();
  private readonly client: KubeClient;
  private readonly queue: WorkQueue;
  private readonly widgets: SharedInformer;
  private readonly children: SharedInformer;
  private readonly ended: Promise<unknown>;

  constructor(
    identity: string,
    private readonly subject: Subject,
    labelSelector: string,
  ) {
    const { namespace } = subject;
    const client = clientOver(subject.connection);
    this.elector = new LeaderElector({ client, timers, namespace, name: 'mirror', identity, times });
    this.client = client.fenced(() => this.elector.assertHeld());
    this.queue = new WorkQueue({ name: 'mirror', timers });
    const shared = { client, timers, labelSelector, transform: (object: KubeObject) => object };
    this.widgets = new SharedInformer({ ...shared, kind: widget });
    this.children = new SharedInformer({ ...shared, kind, namespace });
    const wake = (object: KubeObject) => this.queue.add(object.metadata.name);
    for (const informer of [this.widgets, this.children]) informer.on({ added: wake, updated: wake, deleted: wake });
    this.ended = this.run();
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.ended;
    this.client.transport.close();
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    const informers = [this.widgets.run(signal), this.children.run(signal)];
    const reconcile = (name: string) => this.reconcile(name);
    try {
      await Promise.all([this.widgets.waitForSync(signal), this.children.waitForSync(signal)]);
      const controller = new Controller({ name: 'mirror', queue: this.queue, reconcile, timers, workers: 4 });
      await this.elector.run(signal, (reign) => controller.run(reign));
    } catch (error) {
      if (!(error instanceof KubeApiError) || !signal.aborted) throw error;
    }
    await Promise.all(informers);
  }

  private async reconcile(name: string) {
    const parent = this.widgets.get(name);
    if (parent === undefined) return {};
    const child = this.children.get(`${this.subject.namespace}/${name}`);
    const size = String((parent['spec'] as { size: number }).size);
    if ((child?.['data'] as { size?: string } | undefined)?.size === size) return {};
    const { uid = '', labels = {} } = parent.metadata;
    await this.client.apply(
      {
        ...kind,
        metadata: { name, namespace: this.subject.namespace, labels, ownerReferences: [{ ...widget, name, uid }] },
        data: { size },
      },
      writer,
    );
    this.written.push(name);
    return {};
  }
}

function contract(subject: Subject): void {
  let mirrors: Mirror[] = [];
  let label = '';
  afterEach(async () => {
    await Promise.all(mirrors.map((mirror) => mirror.end()));
    mirrors = [];
  });
  const start = (identity: string) => {
    const mirror = new Mirror(identity, subject, `mirror=${label}`);
    mirrors.push(mirror);
    return mirror;
  };
  const make = async (group: string, count: number) => {
    label = `${group}-${subject.namespace.slice(6)}`;
    const names = Array.from({ length: count }, (_, index) => `${label}-${index}`);
    await Promise.all(
      names.map((name) =>
        subject.client.create({ ...widget, metadata: { name, labels: { mirror: label } }, spec: { size: 1 } }),
      ),
    );
    return names;
  };
  const sizes = async () => {
    const options = { namespace: subject.namespace, labelSelector: `mirror=${label}` };
    const { items } = await subject.client.list(kind, options);
    return items.map((item) => (item['data'] as { size: string }).size);
  };
  const allAre = (count: number, size: string) => async () => {
    const found = await sizes();
    return found.length === count && found.every((one) => one === size);
  };

  it('makes what is wanted, once each, and repairs what a hand changed or removed', async () => {
    const names = await make('repair', 30);
    const mirror = start('one');
    await until(allAre(30, '1'), patienceMs);
    // An object may be seen before its writer has its answer.
    await until(() => mirror.written.length >= names.length, patienceMs);
    const [first = '', second = ''] = names;
    const ref = (name: string) => ({ ...kind, namespace: subject.namespace, name });
    expect(mirror.written.toSorted((one, other) => (one < other ? -1 : 1))).toEqual(names.toSorted());

    await subject.client.patch(ref(first), { data: { size: '9' } }, { fieldManager: 'hand' });
    await subject.client.delete(ref(second));

    await until(async () => mirror.written.length === 32 && (await allAre(30, '1')()), patienceMs);
  });

  it('follows a change of the wish', async () => {
    const [name = ''] = await make('wish', 1);
    start('one');
    await until(allAre(1, '1'), patienceMs);

    await subject.client.patch({ ...widget, name }, { spec: { size: 2 } });

    await until(allAre(1, '2'), patienceMs);
  });

  it('goes on under another leader when the first one ends in the middle', async () => {
    const names = await make('leaders', 60);
    const one = start('one');
    await until(() => one.written.length > 5, patienceMs);
    const two = start('two');
    await one.end();

    await until(allAre(60, '1'), patienceMs);

    await Promise.all(names.map((name) => subject.client.patch({ ...widget, name }, { spec: { size: 3 } })));
    await until(allAre(60, '3'), patienceMs);
    expect(two.elector.term).toBeGreaterThan(0);
  });
}
