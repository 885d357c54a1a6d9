import { describe, it } from '@jest/globals';

/** A program that a suite needs and that may not be on this machine. */
export interface Component {
  readonly name: string;
  /** Where it is, or why it can not be had. */
  find(): string | { readonly missing: string };
}

/**
 * A suite that needs `component`, handed to `fn` as `find` gave it. Where it is missing the suite is reported
 * as skipped, with the reason in its name; with WHISPER_TEST_REQUIRE=all it fails instead.
 */
export function describeWith(component: Component, name: string, fn: (found: string) => void): void {
  const found = component.find();
  if (typeof found === 'string') {
    describe(name, () => {
      fn(found);
    });
    return;
  }
  const reason = `${component.name} is missing: ${found.missing}`;
  if (process.env['WHISPER_TEST_REQUIRE'] === 'all') {
    describe(name, () => {
      it(`needs ${component.name}`, () => {
        throw new Error(reason);
      });
    });
    return;
  }
  // oxlint-disable-next-line jest/no-disabled-tests -- the one place where a suite is skipped, and it says why
  describe.skip(`${name} (skipped, ${reason})`, () => {
    fn('');
  });
}
