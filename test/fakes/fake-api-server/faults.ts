/** A request as faults see it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The header, as it came. */
  readonly authorization: string | undefined;
}

/** What happens instead of the answer. */
export type Fault =
  /** The connection breaks before anything is done. */
  | { readonly kind: 'reset' }
  /** It is done, and the connection breaks before the answer. */
  | { readonly kind: 'reset-after' }
  /** Nothing is done and nothing is ever said. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'delay'; readonly ms: number }
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly reason: string;
      readonly retryAfterSeconds?: number;
    };

interface Rule {
  readonly fault: Fault;
  readonly match: (request: SeenRequest) => boolean;
  left: number;
}

/** Faults to come, in the order in which they were ordered. */
export class Faults {
  private rules: Rule[] = [];

  /** The next `times` requests that `match` end like this. */
  next(fault: Fault, options: { times?: number; match?: (request: SeenRequest) => boolean } = {}): void {
    this.rules.push({ fault, match: options.match ?? (() => true), left: options.times ?? 1 });
  }

  /** The API server is well from now on. */
  clear(): void {
    this.rules = [];
  }

  take(request: SeenRequest): Fault | null {
    const rule = this.rules.find((one) => one.left > 0 && one.match(request));
    if (rule === undefined) return null;
    rule.left -= 1;
    return rule.fault;
  }
}
