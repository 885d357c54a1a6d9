import { randomBytes } from 'node:crypto';
import type { KubeClient } from './client.js';
import type { KubeObject } from './kube-object.js';
import { microTime } from './lease.js';
import { TokenBucket } from './rate-limit.js';
import type { Timers } from './timers.js';

/** Something worth a line in `kubectl describe`. */
export interface EventNote {
  readonly regarding: KubeObject;
  /** `Warning` where a person may have to act. */
  readonly type: 'Normal' | 'Warning';
  /** One CamelCase word for programs. */
  readonly reason: string;
  /** What was done or tried, one CamelCase word. */
  readonly action: string;
  /** A sentence for people. No secrets: whoever may read events reads this. */
  readonly note: string;
}

interface RecorderOptions {
  readonly client: KubeClient;
  readonly timers: Timers;
  /** `whisperengine.ai/operator`. */
  readonly controller: string;
  /** This process. */
  readonly instance: string;
  readonly onTrouble?: (error: unknown) => void;
}

/** client-go: a series without an event for 6 minutes is over, and the next event begins another. */
const seriesMs = 6 * 60_000;
/** How often a running series is written; in between only counted. */
const seriesWriteMs = 60_000;
/** client-go's spam filter: 25 events of one object at once, then one in 5 minutes. */
const eventsAtOnce = 25;
const eventsPerSecond = 1 / 300;
/** The API server refuses longer ones. */
const longestNote = 1024;

interface Series {
  readonly name: string;
  readonly namespace: string;
  count: number;
  lastAt: number;
  writtenAt: number;
}

/**
 * Events of events.k8s.io/v1. The same sentence about the same object is one event with a count (so no numbers in it
 * that change by themselves: the API server lets nobody change a note); an object that has too much to tell is cut short. Recording never fails and never waits: events are a courtesy, status is the truth.
 */
export class EventRecorder {
  private readonly series = new Map<string, Series>();
  private readonly buckets = new Map<string, TokenBucket>();
  private pending: Promise<void> = Promise.resolve();

  constructor(private readonly options: RecorderOptions) {}

  record(event: EventNote): void {
    const now = this.options.timers.elapsedMs();
    this.forgetOld(now);
    const { regarding, type, reason, action, note } = event;
    const object = regarding.metadata.uid ?? regarding.metadata.name;
    const key = [object, type, reason, action, note].join('\0');
    const running = this.series.get(key);
    if (running !== undefined) return this.repeat(running, now);
    if (!this.bucketOf(object).take()) return;
    const series = this.begin(event, now);
    this.series.set(key, series);
    this.enqueue(() => this.create(series, event));
  }

  /** Waits until everything recorded so far is written, or has failed to be. */
  async flush(): Promise<void> {
    await this.pending;
  }

  private begin(event: EventNote, now: number): Series {
    const { name, namespace = 'default' } = event.regarding.metadata;
    const suffix = randomBytes(8).toString('hex');
    return { name: `${name.slice(0, 200)}.${suffix}`, namespace, count: 1, lastAt: now, writtenAt: now };
  }

  private repeat(series: Series, now: number): void {
    series.count += 1;
    series.lastAt = now;
    // The second one is written at once: it shows that it goes on.
    if (series.count > 2 && now - series.writtenAt < seriesWriteMs) return;
    series.writtenAt = now;
    const count = series.count;
    const lastObservedTime = microTime(this.options.timers.now());
    const ref = { apiVersion: 'events.k8s.io/v1', kind: 'Event', namespace: series.namespace, name: series.name };
    const patch = { series: { count, lastObservedTime } };
    this.enqueue(async () => void (await this.options.client.patch(ref, patch)));
  }

  private async create(series: Series, event: EventNote): Promise<void> {
    const { client, timers, controller, instance } = this.options;
    const { apiVersion, kind, metadata } = event.regarding;
    const { name, namespace, uid, resourceVersion } = metadata;
    await client.create({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: series.name, namespace: series.namespace },
      eventTime: microTime(timers.now()),
      reportingController: controller,
      reportingInstance: instance,
      action: event.action,
      reason: event.reason,
      type: event.type,
      note: event.note.slice(0, longestNote),
      regarding: { apiVersion, kind, name, namespace, uid, resourceVersion },
    });
  }

  /** One after the other: a count never overtakes the event that it counts. */
  private enqueue(write: () => Promise<void>): void {
    this.pending = this.pending.then(write).catch((error: unknown) => this.options.onTrouble?.(error));
  }

  private bucketOf(object: string): TokenBucket {
    const bucket = this.buckets.get(object) ?? new TokenBucket(this.options.timers, eventsPerSecond, eventsAtOnce);
    this.buckets.set(object, bucket);
    return bucket;
  }

  private forgetOld(now: number): void {
    for (const [key, series] of this.series) if (now - series.lastAt > seriesMs) this.series.delete(key);
    for (const [object, bucket] of this.buckets) if (bucket.isFull) this.buckets.delete(object);
  }
}
