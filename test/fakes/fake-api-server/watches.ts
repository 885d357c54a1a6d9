import type { ServerResponse } from 'node:http';
import { apiVersionOf } from '#operator/runtime/api-resource.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { expired } from './api-status.js';
import { drawerOf } from './fake-resource.js';
import { Lists } from './lists.js';
import type { Change, ObjectStore } from './object-store.js';
import type { Target } from './request-path.js';

/** An open watch. */
interface Watch {
  readonly target: Target;
  readonly wants: (object: KubeObject) => boolean;
  readonly response: ServerResponse;
  readonly hasBookmarks: boolean;
}

/** Watches of one fake API server. */
export class Watches {
  private readonly open = new Set<Watch>();
  private areSilent = false;

  constructor(private readonly store: ObjectStore) {
    store.listen((change) => {
      for (const watch of this.open) this.tell(watch, change);
    });
  }

  get count(): number {
    return this.open.size;
  }

  /** While silent, connections stay open and nothing is sent: what a half-open network looks like. */
  setSilent(areSilent: boolean): void {
    this.areSilent = areSilent;
  }

  /** Says on all watches that nothing changed up to now. */
  sendBookmarks(): void {
    for (const watch of this.open) if (watch.hasBookmarks) this.bookmark(watch, false);
  }

  /** Ends all watches: politely, with the error 410, or by breaking the connection. */
  end(how: 'closed' | 'expired' | 'reset'): void {
    for (const watch of this.open) {
      if (how === 'expired') this.write(watch, 'ERROR', expired('too old').toStatus());
      if (how === 'reset') watch.response.destroy();
      else watch.response.end();
    }
  }

  start(target: Target, query: URLSearchParams, response: ServerResponse): void {
    const hasBookmarks = query.get('allowWatchBookmarks') === 'true';
    const watch: Watch = { target, wants: Lists.filter(target, query), response, hasBookmarks };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const from = query.get('resourceVersion') ?? '';
    if (query.get('sendInitialEvents') === 'true') {
      this.sendAll(watch);
      this.bookmark(watch, true);
    } else if (from === '' || from === '0') this.sendAll(watch);
    else if (!this.sendSince(watch, from)) return;
    this.open.add(watch);
    const seconds = Number(query.get('timeoutSeconds') ?? 0);
    const timer = seconds > 0 ? setTimeout(() => response.end(), seconds * 1000).unref() : undefined;
    response.on('close', () => {
      clearTimeout(timer);
      this.open.delete(watch);
    });
  }

  private sendAll(watch: Watch): void {
    for (const object of this.store.list(watch.target.resource, watch.target.namespace))
      if (watch.wants(object)) this.write(watch, 'ADDED', object);
  }

  private sendSince(watch: Watch, from: string): boolean {
    const changes = this.store.since(Number(from));
    if (changes === null) {
      this.write(watch, 'ERROR', expired(from).toStatus());
      watch.response.end();
      return false;
    }
    for (const change of changes) this.tell(watch, change);
    return true;
  }

  /** A change as seen through the watch's selectors: what no longer fits is deleted for it. */
  private tell(watch: Watch, change: Change): void {
    if (change.drawer !== drawerOf(watch.target.resource)) return;
    const before = change.before !== null && watch.wants(change.before) ? change.before : null;
    const after = change.after !== null && watch.wants(change.after) ? change.after : null;
    if (after !== null) this.write(watch, before === null ? 'ADDED' : 'MODIFIED', after);
    else if (before !== null) this.write(watch, 'DELETED', versioned(change.after ?? before, change.version));
  }

  private bookmark(watch: Watch, isInitialEnd: boolean): void {
    const { resource } = watch.target;
    const annotations = isInitialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    const metadata = { resourceVersion: String(this.store.version), creationTimestamp: null, ...annotations };
    this.write(watch, 'BOOKMARK', { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata });
  }

  private write(watch: Watch, type: string, object: object): void {
    if (!this.areSilent) watch.response.write(`${JSON.stringify({ type, object })}\n`);
  }
}

function versioned(object: KubeObject, version: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}
