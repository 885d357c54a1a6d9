import { randomUUID } from 'node:crypto';
import { apiVersionOf } from '#operator/runtime/api-resource.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { expired } from './api-status.js';
import type { ObjectStore } from './object-store.js';
import type { Target } from './request-path.js';
import { fieldMatch, labelMatch } from './selectors.js';

/** Lists, page by page of one moment. */
export class Lists {
  private readonly rests = new Map<string, { readonly items: readonly KubeObject[]; readonly version: string }>();

  constructor(private readonly store: ObjectStore) {}

  /** Every list that is not read to its end yet has grown too old. */
  expire(): void {
    this.rests.clear();
  }

  page(target: Target, query: URLSearchParams): object {
    const { items, version } = this.open(target, query);
    const limit = Number(query.get('limit') ?? 0);
    const isCut = limit > 0 && items.length > limit;
    const rest = isCut ? { continue: this.keep(items.slice(limit), version) } : {};
    return {
      kind: `${target.resource.kind}List`,
      apiVersion: apiVersionOf(target.resource),
      metadata: { resourceVersion: version, ...rest },
      items: isCut ? items.slice(0, limit) : items,
    };
  }

  /** Whether an object is among those that a request asks for. */
  static filter(target: Target, query: URLSearchParams): (object: KubeObject) => boolean {
    const labels = labelMatch(query.get('labelSelector'));
    const fields = fieldMatch(query.get('fieldSelector'));
    const { namespace, name } = target;
    return (object) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      (name === undefined || object.metadata.name === name) &&
      labels(object) &&
      fields(object);
  }

  private open(target: Target, query: URLSearchParams) {
    const token = query.get('continue');
    if (token === null) {
      const items = this.store.list(target.resource, target.namespace).filter(Lists.filter(target, query));
      return { items, version: String(this.store.version) };
    }
    const rest = this.rests.get(token);
    if (rest === undefined) throw expired('The provided continue parameter is too old');
    return rest;
  }

  private keep(items: readonly KubeObject[], version: string): string {
    const token = randomUUID();
    this.rests.set(token, { items, version });
    return token;
  }
}
