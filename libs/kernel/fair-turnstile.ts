/** What came of it: the work was done, or the line of its party was full and nothing was. */
export type Passing<Result> = { readonly kind: 'passed'; readonly result: Result } | { readonly kind: 'full' };

/**
 * Lets so many pass at a time, whoever they are. The others wait in a line for each party, and the lines are served in
 * turn, so that a crowd of one party makes nobody else wait for more than the one of it who is next.
 */
export class FairTurnstile {
  private free: number;
  /** Who waits, by party. The first party has the next turn; no line is empty. */
  private readonly lines = new Map<string, (() => void)[]>();

  /** @param most how many may be inside together, and how many of one party may wait */
  constructor(private readonly most: { readonly inside: number; readonly waiting: number }) {
    this.free = most.inside;
  }

  /** Within a party in the order they came. Work that throws makes this throw the same. */
  async pass<Result>(party: string, work: () => Promise<Result>): Promise<Passing<Result>> {
    if (!(await this.enter(party))) return { kind: 'full' };
    try {
      return { kind: 'passed', result: await work() };
    } finally {
      this.leave();
    }
  }

  private async enter(party: string): Promise<boolean> {
    if (this.free > 0) {
      this.free -= 1;
      return true;
    }
    const line = this.lines.get(party) ?? [];
    if (line.length >= this.most.waiting) return false;
    this.lines.set(party, line);
    await new Promise<void>((resolve) => line.push(resolve));
    return true;
  }

  private leave(): void {
    const [turn] = this.lines;
    if (turn === undefined) {
      this.free += 1;
      return;
    }
    const [party, line] = turn;
    const next = line.shift();
    // Its next turn comes after everybody else's.
    this.lines.delete(party);
    if (line.length > 0) this.lines.set(party, line);
    next?.();
  }
}
