/** One thing somebody did or tried. Holds no conversation content and no secret. */
export interface AuditEvent {
  readonly id: string;
  readonly at: Date;
  readonly actor: AuditActor;
  /** noun.verb, as `session.create`. */
  readonly action: string;
  readonly target: string | null;
  readonly outcome: 'success' | 'refused';
  readonly reason: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
}

export interface AuditActor {
  readonly kind: 'person' | 'key' | 'system';
  readonly id: string | null;
  readonly name: string;
}

/** What is said of an action; who and where from is known from the request. */
export interface AuditEntry {
  readonly action: string;
  readonly target?: string | null;
  readonly outcome?: 'success' | 'refused';
  readonly reason?: string;
  /** Who did it, where that is not the signed-in person. */
  readonly actor?: AuditActor;
}

/** The parts of a request that go into the log. */
export interface AuditedRequest {
  readonly address: string | null;
  readonly requestId: string | null;
  readonly session: { readonly personId: string; readonly email: string } | null;
}

/** Longest text a caller chooses that is kept in a field of the log. */
const longestText = 300;

/** An event of the audit log. Without a session and an actor of its own it is an unknown person's. */
export function auditEvent(request: AuditedRequest, entry: AuditEntry, made: { id: string; at: Date }): AuditEvent {
  return {
    ...made,
    actor: entry.actor ?? signedInActor(request),
    action: entry.action,
    target: entry.target?.slice(0, longestText) ?? null,
    outcome: entry.outcome ?? 'success',
    reason: entry.reason?.slice(0, longestText) ?? null,
    address: request.address,
    requestId: request.requestId,
  };
}

function signedInActor({ session }: AuditedRequest): AuditActor {
  if (session === null) return { kind: 'person', id: null, name: 'unknown' };
  return { kind: 'person', id: session.personId, name: session.email };
}
