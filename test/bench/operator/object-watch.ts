import { keyOf, type KindName } from '#operator/runtime/api-resource.js';
import type { KubeClient } from '#operator/runtime/client.js';
import { SharedInformer } from '#operator/runtime/informer.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { SystemTimers } from '#operator/runtime/timers.js';

interface Waiting {
  readonly holds: (object: KubeObject) => boolean;
  readonly resolve: (atMs: number) => void;
}

/** Hears of one kind's objects, and tells the moment at which something came true of them. */
export class ObjectWatch {
  private readonly informer: SharedInformer;
  private readonly waiting = new Map<string, Waiting>();

  private constructor(client: KubeClient, kind: KindName) {
    this.informer = new SharedInformer({ client, kind, timers: new SystemTimers(), transform: (object) => object });
    this.informer.on({ added: (object) => this.hear(object), updated: (object) => this.hear(object) });
  }

  /** Watches until `signal` aborts. */
  static async open(client: KubeClient, kind: KindName, signal: AbortSignal): Promise<ObjectWatch> {
    const watch = new ObjectWatch(client, kind);
    void watch.informer.run(signal);
    await watch.informer.waitForSync(signal);
    return watch;
  }

  get(key: string): KubeObject | undefined {
    return this.informer.get(key);
  }

  /** Of `performance.now()`, when `holds` became true of the object. One wait for an object at a time. */
  async when(key: string, holds: (object: KubeObject) => boolean, timeoutMs: number): Promise<number> {
    const known = this.informer.get(key);
    if (known !== undefined && holds(known)) return performance.now();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(key);
        reject(new Error(`${key} was not as it should be after ${timeoutMs} ms`));
      }, timeoutMs);
      const done = (atMs: number) => {
        clearTimeout(timer);
        resolve(atMs);
      };
      this.waiting.set(key, { holds, resolve: done });
    });
  }

  private hear(object: KubeObject): void {
    const key = keyOf(object.metadata);
    const waiting = this.waiting.get(key);
    if (waiting?.holds(object) !== true) return;
    this.waiting.delete(key);
    waiting.resolve(performance.now());
  }
}
