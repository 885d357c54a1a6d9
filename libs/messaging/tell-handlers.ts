import type { BusHandler } from '#libs/tenancy/ports/bus.js';

/** Tells each handler; one that fails harms neither the publisher nor the others. */
export function tellHandlers(handlers: Iterable<BusHandler>, message: unknown, report: (error: Error) => void): void {
  for (const handler of handlers) {
    try {
      handler(message);
    } catch (error) {
      report(error instanceof Error ? error : new TypeError(String(error)));
    }
  }
}
