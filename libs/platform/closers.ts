import type { Logger } from 'pino';
import { describeError } from '#libs/kernel/errors.js';

/** What has been opened, ended in reverse order. */
export class Closers {
  private readonly ends: (() => Promise<void>)[] = [];

  constructor(private readonly log: Logger) {}

  add(end: () => Promise<void>): void {
    this.ends.push(end);
  }

  /** Ends everything, once; what fails to end does not keep the rest open. */
  async closeAll(): Promise<void> {
    for (const end of this.ends.splice(0).reverse())
      await end().catch((error: unknown) => this.log.error({ error: describeError(error) }, 'could not end cleanly'));
  }

  /** Gives what `open` made, or ends what it had opened when it failed. */
  async guard<Opened>(open: () => Promise<Opened>): Promise<Opened> {
    try {
      return await open();
    } catch (error) {
      await this.closeAll();
      throw error;
    }
  }
}
