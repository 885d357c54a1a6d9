import pg from 'pg';

type Query = (...parameters: unknown[]) => unknown;

/**
 * Lets the `at`-th statement from now, of any client of pg in this process, be done and then fail as if the process
 * had died before it heard of it.
 * @returns whether the fault has come, and the way back
 */
export function breakStatement(at: number): { came(): boolean; mend(): void } {
  const original = pg.Client.prototype.query as unknown as Query;
  let count = 0;
  let came = false;
  const broken = function (this: pg.Client, ...parameters: unknown[]): unknown {
    const isPromise = typeof parameters.at(-1) !== 'function';
    if (isPromise) count += 1;
    if (came || count < at || !isPromise) return original.apply(this, parameters);
    came = true;
    return Promise.resolve(original.apply(this, parameters)).then(() => {
      throw new Error('the process died after the statement');
    });
  };
  pg.Client.prototype.query = broken as never;
  return {
    came: () => came,
    mend: () => {
      pg.Client.prototype.query = original as never;
    },
  };
}
