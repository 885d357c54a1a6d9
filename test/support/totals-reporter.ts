import type { AggregatedResult } from '@jest/reporters';

/** Prints `N passed, N failed[, N skipped]` as the very last line, after Jest's own summary. A suite that cannot run counts as failed. */
export class TotalsReporter {
  onRunComplete(_contexts: unknown, results: AggregatedResult): void {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    process.once('exit', () => process.stdout.write(`${line}\n`));
  }
}

// Jest loads a reporter by its default export.
// oxlint-disable-next-line no-default-export -- the form Jest asks for
export default TotalsReporter;
