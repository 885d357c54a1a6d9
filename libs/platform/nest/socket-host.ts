import type { ChatTelemetry } from '#libs/chat/ports/chat-telemetry.js';
import type { SessionIdentity } from '#libs/identity/domain/caller-identity.js';
import type { SignedInCaller } from './caller.js';
import type { TenantId } from '#libs/kernel/ids.js';

/** What sockets need to know of the process they are in. */
export abstract class SocketHost {
  /** Names this start of this process; a reader that meets another one knows that there was a restart. */
  abstract readonly bootId: string;
  abstract readonly telemetry: ChatTelemetry;
  /** Calls `handler` with the id of each session that ended. */
  abstract onSessionEnd(handler: (sessionId: string) => void): void;
  /** Calls `handler` when sessions have another token, or other rights; it gets what tells whether one is concerned. */
  abstract onSessionRenewal(handler: (isConcerned: (session: SessionIdentity) => boolean) => void): void;
  /** Remembers that the person uses the session: what comes by a socket makes no request that would tell. */
  abstract seen(caller: Pick<SignedInCaller, 'tenant' | 'session'>): void;
  /** Calls `handler` with every tenant that is served, each time that may have changed. */
  abstract onServed(handler: (tenants: ReadonlySet<TenantId>) => void): void;
}
