import { expect } from '@jest/globals';
import { KubeApiError } from '#operator/runtime/kube-api-error.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { type Subject, widget } from './kube-subject.js';

/** Makes objects of a suite, each under a name of its own. */
export function objectsOf(subject: Subject) {
  let count = 0;
  const name = (word: string) => `${word}-${(count += 1)}-${subject.namespace.slice(6)}`;
  return {
    name,
    configMap: (data?: Record<string, string>, metadata: object = {}): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: name('map'), namespace: subject.namespace, ...metadata },
      ...(data !== undefined && { data }),
    }),
    aWidget: (spec: object, metadata: object = {}): KubeObject => ({
      ...widget,
      metadata: { name: name('widget'), ...metadata },
      spec,
    }),
  };
}

/** The API error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<KubeApiError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubeApiError);
  return error as KubeApiError;
}
