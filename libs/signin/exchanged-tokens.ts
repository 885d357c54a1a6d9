import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { OpenAiErrorBody } from '#libs/contracts/error-body.js';
import { internalRoutes } from '#libs/contracts/router-api.js';
import { PodIntroduction, TokenReply, type TokenRequest } from '#libs/contracts/token-exchange.js';
import { ServiceTokenIssuer, type ServiceTokenRequest } from '#libs/identity/ports/service-tokens.js';
import { deadline, pause } from '#libs/kernel/abort.js';
import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { SharedQuestions } from '#libs/kernel/shared-questions.js';
import { KeptTokens, nameOf } from './kept-tokens.js';

/** With less than this left the next token is fetched while the old one is still used: two minutes to succeed in. */
const renewMs = 180_000;
/** Longest wait for a token, where the request itself would wait longer. */
const longestMs = 10_000;
/** One try. The router answers from memory. */
const tryMs = 3_000;
/** Between tries: soon at first, since the next connection may reach another replica, then less often. */
const leastPauseMs = 50;
const mostPauseMs = 1_000;

interface ExchangeOptions {
  /** Base of the router's internal port. */
  readonly routerUrl: string;
  /** File of the projected ServiceAccount token, which the kubelet replaces before it ends. */
  readonly podTokenFile: string;
  readonly clock: Clock;
  /** Is told why the router gives no token, once for each wait that was in vain. */
  readonly report: (error: unknown) => void;
}

interface Given {
  readonly token: string;
  readonly expiresAt: Date;
}

/** Tokens that the router signs for this pod, for what its cluster says it is. No key is kept here. */
export class ExchangedTokenIssuer extends ServiceTokenIssuer {
  // A connection for each call: behind the router's address stand several replicas, of two versions during a rollout.
  private readonly agent = new Agent({ pipelining: 0, connections: 16 });
  private readonly kept: KeptTokens;
  private readonly questions = new SharedQuestions<Given>();
  private readonly closing = new AbortController();
  private isKnown = false;

  constructor(private readonly options: ExchangeOptions) {
    super();
    this.kept = new KeptTokens(options.clock);
  }

  override async issue(asked: ServiceTokenRequest, signal?: AbortSignal): Promise<string> {
    const known = this.kept.find(asked);
    if (known === null) return (await unlessAborted(this.fetch(asked), signal)).token;
    // Fails into `report`; the token at hand is good for now, and the next caller tries again.
    if (known.leftMs < renewMs) this.fetch(asked).catch(() => undefined);
    return known.token;
  }

  override refused(token: string): void {
    this.kept.drop(token);
  }

  /** This process has no keys of its own. */
  override jwks(): Promise<{ keys: readonly Record<string, unknown>[] }> {
    return Promise.resolve({ keys: [] });
  }

  /**
   * Whether the router has known this pod once. Until then the pod can answer nobody: one that starts before its
   * router, or one that the router does not believe, gets no requests.
   */
  async isIntroduced(): Promise<boolean> {
    if (this.isKnown) return true;
    try {
      PodIntroduction.parse(await this.call('GET', undefined, deadline(tryMs, this.closing.signal)));
      this.isKnown = true;
    } catch (error) {
      this.options.report(error);
    }
    return this.isKnown;
  }

  /** Ends its connections and whatever waits. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.agent.destroy();
  }

  private fetch(asked: ServiceTokenRequest): Promise<Given> {
    return this.questions.ask(nameOf(asked), async () => {
      const given = await this.patiently({
        audience: asked.audience,
        tenant: asked.tenant.id,
        epoch: asked.tenant.epoch,
        actor: asked.actor,
      });
      this.kept.keep(asked, given);
      return given;
    });
  }

  /** A router that is away, that is of an older version or that has not heard of a change yet is asked again. */
  private async patiently(asked: TokenRequest): Promise<Given> {
    const until = deadline(longestMs, this.closing.signal);
    for (let pauseMs = leastPauseMs; ; pauseMs = Math.min(mostPauseMs, pauseMs * 2)) {
      try {
        const at = this.options.clock.now().getTime();
        const { token, expiresInSeconds } = TokenReply.parse(await this.call('POST', asked, deadline(tryMs, until)));
        return { token, expiresAt: new Date(at + expiresInSeconds * 1_000) };
      } catch (error) {
        if (error instanceof AppError) throw error;
        await pause(pauseMs, until);
        if (!until.aborted) continue;
        this.options.report(error);
        throw new AppError('backend_unavailable', 'The router gives this service no token.', { cause: error });
      }
    }
  }

  /** @throws {AppError} tenant_moved, which only the caller can do something about; else what went wrong */
  private async call(method: 'GET' | 'POST', body: TokenRequest | undefined, signal: AbortSignal): Promise<unknown> {
    const { routerUrl, podTokenFile } = this.options;
    const podToken = (await readFile(podTokenFile, 'utf8')).trim();
    const reply = await request(`${routerUrl}${internalRoutes.token}`, {
      method,
      dispatcher: this.agent,
      headers: { authorization: `Bearer ${podToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    if (reply.statusCode === 200) return reply.body.json();
    const { data } = OpenAiErrorBody.safeParse(await reply.body.json().catch(() => null));
    if (data?.error.code === 'tenant_moved') throw new AppError('tenant_moved', 'The organisation has just moved.');
    throw new TypeError(`the router answered ${reply.statusCode}`);
  }
}

/** What others wait for as well goes on; this caller's own wait ends. */
function unlessAborted<Value>(answer: Promise<Value>, signal?: AbortSignal): Promise<Value> {
  if (signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const end = () =>
      reject(signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'));
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
