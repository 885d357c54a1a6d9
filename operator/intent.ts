import { stableJson } from './resources/stable-json.js';
import type { ChangeHandler } from './runtime/informer.js';
import type { KubeObject } from './runtime/kube-object.js';

/** What a person or a rollout can change about one of our objects; its status is what we say ourselves. */
export function intentOf({ metadata, ...object }: KubeObject): string {
  const { generation, deletionTimestamp, annotations, finalizers, uid } = metadata;
  return stableJson([uid, generation, deletionTimestamp, annotations, finalizers, object['spec']]);
}

/** Hears of changes of what somebody wants, and not of what we reported ourselves. */
export function onIntent(changed: (object: KubeObject) => void): ChangeHandler<KubeObject> {
  return {
    added: changed,
    updated: (object, before) => {
      if (intentOf(object) !== intentOf(before)) changed(object);
    },
    deleted: changed,
  };
}
