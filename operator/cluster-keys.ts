import { z } from 'zod';
import { stableJson } from './resources/stable-json.js';
import type { KubeClient } from './runtime/client.js';
import { sleep, type Timers } from './runtime/timers.js';

interface WatchOptions {
  readonly client: KubeClient;
  readonly timers: Timers;
  readonly onTrouble: (error: unknown) => void;
  readonly everyMs?: number;
}

/**
 * An API server publishes a key before it signs with it. What a router has mounted follows this and the kubelet's own
 * minute; the tokens that are out by then last longer than both.
 */
const usualEveryMs = 60_000;

/** How soon an answer that did not come is asked for again. */
const retryMs = 10_000;

/** The one form in which an API server gives its keys; it answers 406 to whoever asks for plain JSON. */
const keySetType = 'application/jwk-set+json';

/** OpenID Connect discovery, as far as it says who signs. */
const Discovery = z.object({ issuer: z.string().min(1) });
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/**
 * Follows the public keys of the cluster's ServiceAccount tokens, which any service account may read (the ClusterRole
 * system:service-account-issuer-discovery). Routers have them mounted, so that no pod of a tenant asks the API server.
 */
export class ClusterKeysWatch {
  private readonly hearers: (() => void)[] = [];
  private known: string | null = null;
  private isUnsure = false;

  constructor(private readonly options: WatchOptions) {}

  /** Text of `cluster-keys.json`; null as long as the API server has not told. */
  get current(): string | null {
    return this.known;
  }

  /** Calls `hear` for each change, once it is in `current`. */
  onChange(hear: () => void): void {
    this.hearers.push(hear);
  }

  /** Looks once. Where there is no answer, the last one holds. */
  async look(signal: AbortSignal): Promise<void> {
    this.isUnsure = false;
    try {
      const text = await this.read(signal);
      if (text === this.known || signal.aborted) return;
      this.known = text;
    } catch (error) {
      this.isUnsure = true;
      this.options.onTrouble(error);
      return;
    }
    for (const hear of this.hearers) hear();
  }

  /** Looks again and again until `signal` aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    const { timers, everyMs = usualEveryMs } = this.options;
    while (!signal.aborted) {
      await sleep(timers, this.isUnsure ? Math.min(retryMs, everyMs) : everyMs, signal);
      if (!signal.aborted) await this.look(signal);
    }
  }

  private async read(signal: AbortSignal): Promise<string> {
    const { transport } = this.options.client;
    const [discovery, keySet] = await Promise.all([
      transport.request({ method: 'GET', path: '/.well-known/openid-configuration', signal }),
      transport.request({ method: 'GET', path: '/openid/v1/jwks', accept: keySetType, signal }),
    ]);
    return stableJson({ issuer: Discovery.parse(discovery).issuer, keys: KeySet.parse(keySet).keys });
  }
}
