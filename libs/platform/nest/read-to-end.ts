import type { IncomingMessage } from 'node:http';

/** A sender of more than this, or for longer, is cut off without seeing why. */
const mostBytes = 64 * 1024 * 1024;
const longestMs = 5_000;

/**
 * Reads and forgets the rest of a body that is refused, then calls `then`. A connection that is closed while its
 * sender still writes is reset, and the sender would see a broken pipe instead of the answer.
 */
export function readToEnd(request: IncomingMessage, then: () => void): void {
  if (request.complete || request.destroyed) return then();
  let bytes = 0;
  let isDone = false;
  const done = () => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    then();
  };
  const timer = setTimeout(done, longestMs);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostBytes) done();
  });
  request.once('end', done);
  request.once('close', done);
  request.resume();
}
