import type { Provider } from '@nestjs/common';
import { RouterCompletions } from '#libs/backends/router-completions.js';
import { Conversations } from '#libs/chat/app/conversations.js';
import { FollowTopic } from '#libs/chat/app/follow-topic.js';
import { KeepHouse } from '#libs/chat/app/keep-house.js';
import { SendTurn } from '#libs/chat/app/send-turn.js';
import { StopGeneration } from '#libs/chat/app/stop-generation.js';
import { Turns } from '#libs/chat/app/turns.js';
import { Completions } from '#libs/chat/ports/completions.js';
import type { SessionAuthenticator } from '#libs/identity/ports/session-authenticator.js';
import type { ServiceTokenIssuer } from '#libs/identity/ports/service-tokens.js';
import { describeError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import { isServed } from '#libs/tenancy/domain/tenant.js';
import type { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import { chatMetrics } from '#libs/telemetry/chat-metrics.js';
import { PrometheusChatTelemetry } from '#libs/telemetry/chat-telemetry.js';
import { Tracing } from '#libs/telemetry/tracing.js';
import type { Foundation } from './foundation.js';
import { SocketHost } from './nest/socket-host.js';

/** The chat product, ready to be served by ChatModule. */
export interface Chat {
  readonly providers: readonly Provider[];
  readonly house: KeepHouse;
  readonly turns: Turns;
}

async function servedBy(directory: TenantDirectory): Promise<ReadonlySet<TenantId>> {
  return new Set((await directory.list()).filter(isServed).map(({ id }) => id));
}

/** Builds the chat product from the foundation. */
export function composeChat(
  foundation: Foundation,
  tokens: ServiceTokenIssuer,
  authenticator: SessionAuthenticator,
): Chat {
  const { config, sessions, profiles, bus, clock, ids, log, addresses, directory, metrics } = foundation;
  const completions = new RouterCompletions(addresses.routerUrl, tokens);
  foundation.onClose(() => completions.close());
  const onError = (message: string, error: unknown) => log.error({ error: describeError(error) }, message);
  const tracing = Tracing.create({
    endpoint: config.otlpEndpoint ?? null,
    ratio: config.traceRatio,
    service: 'whisper-chat',
  });
  foundation.onClose(() => tracing.close());
  const telemetry = new PrometheusChatTelemetry(chatMetrics(metrics), tracing);
  const turns = new Turns({ sessions, profiles, completions, bus, clock, telemetry, onError });
  const provided: [unknown, unknown][] = [
    [Completions, completions],
    [Conversations, new Conversations(sessions, bus, clock)],
    [SendTurn, new SendTurn({ sessions, profiles, completions, turns, bus, clock, ids, bootId: config.bootId })],
    [StopGeneration, new StopGeneration(sessions, bus, clock)],
    [FollowTopic, new FollowTopic({ sessions, bus })],
    [
      SocketHost,
      {
        bootId: config.bootId,
        telemetry,
        onSessionEnd: (handler) => authenticator.onRevoked(handler),
        onSessionRenewal: (handler) => authenticator.onRenewed(handler),
        // A lost one is made good by the next frame a minute later.
        seen: ({ tenant, session }) => void authenticator.seen(tenant, session).catch(() => undefined),
        onServed: (handler) =>
          directory.onChange(() => {
            // Without the database nobody knows; the directory tells again when it is back.
            servedBy(directory).then(handler, () => undefined);
          }),
      } satisfies SocketHost,
    ],
  ];
  return {
    providers: provided.map(([provide, useValue]) => ({ provide, useValue }) as Provider),
    house: new KeepHouse(sessions, bus, clock, config.bootId),
    turns,
  };
}
