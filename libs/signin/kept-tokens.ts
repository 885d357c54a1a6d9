import type { Clock } from '#libs/kernel/clock.js';
import type { ServiceTokenRequest } from '#libs/identity/ports/service-tokens.js';

/** A token with less than this left is not handed out again, in ms: the port promises a minute. */
const leastLeftMs = 60_000;
/** Tokens kept in memory; each is under 1 kB. */
const mostKept = 10_000;

interface KeptToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** One text for all requests that the same token answers. */
export function nameOf({ audience, tenant, actor }: ServiceTokenRequest): string {
  return [audience, tenant.id, tenant.epoch, actor ?? ''].join(' ');
}

/** Service tokens by what they are good for, as long as they may be handed out. */
export class KeptTokens {
  private readonly tokens = new Map<string, KeptToken>();

  constructor(private readonly clock: Clock) {}

  /** A token that may be handed out, and what is left of it in ms. */
  find(request: ServiceTokenRequest): { readonly token: string; readonly leftMs: number } | null {
    const kept = this.tokens.get(nameOf(request));
    if (kept === undefined) return null;
    const leftMs = kept.expiresAt.getTime() - this.clock.now().getTime();
    return leftMs < leastLeftMs ? null : { token: kept.token, leftMs };
  }

  keep(request: ServiceTokenRequest, token: KeptToken): void {
    if (this.tokens.size >= mostKept) this.tokens.clear();
    this.tokens.set(nameOf(request), token);
  }

  /** Its audience does not believe it, which is rare enough to look at all of them. */
  drop(token: string): void {
    for (const [name, kept] of this.tokens) if (kept.token === token) this.tokens.delete(name);
  }
}
