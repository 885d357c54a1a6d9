import { useSyncExternalStore } from 'react';
import type { ErrorView } from '#libs/contracts/error-body.js';

/** A request that waits until its person has proven who they are. */
export interface IdentityCheck {
  /** What they can prove it with. */
  readonly ways: readonly string[];
  readonly done: (isConfirmed: boolean) => void;
}

let waiting: IdentityCheck | null = null;
let answer: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

function show(next: IdentityCheck | null): void {
  waiting = next;
  for (const listener of listeners) listener();
}

/** Asks the person to prove who they are; false when they would rather not. Requests that ask at once share one answer. */
export function askWhoItIs({ ways = [] }: ErrorView): Promise<boolean> {
  answer ??= new Promise<boolean>((resolve) => {
    show({
      ways,
      done: (isConfirmed) => {
        answer = null;
        show(null);
        resolve(isConfirmed);
      },
    });
  });
  return answer;
}

/** The check that is on screen, or null. */
export function useIdentityCheck(): IdentityCheck | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting,
  );
}
