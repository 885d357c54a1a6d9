import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createHash } from 'node:crypto';
import type { Connection, Credentials } from './connection.js';

/** Calls at once. The API server's fairness queues more, and 16 keep its answers quick; watches do not count. */
const callSockets = 16;
/** kube-apiserver closes idle connections after 90 s; ours go first, so that none is reused while it closes. */
const idleMs = 60_000;
/** The first keep-alive probe on a silent connection: a half-open one is found within minutes, not hours. */
const keepAliveProbeMs = 30_000;

/** The connections to one API server: a bounded set for calls, an unbounded one for watches. */
export class Agents {
  private fingerprint = '';
  private current: { readonly calls: HttpAgent; readonly watches: HttpAgent } | null = null;

  constructor(private readonly connection: Connection) {}

  /** Agents and headers for the credentials of this moment; other certificates make other connections. */
  async get(): Promise<{ calls: HttpAgent; watches: HttpAgent; headers: Credentials['headers'] }> {
    const credentials = await this.connection.credentials();
    const fingerprint = fingerprintOf(credentials);
    if (this.current === null || fingerprint !== this.fingerprint) {
      this.retire();
      this.fingerprint = fingerprint;
      this.current = { calls: this.make(credentials, callSockets), watches: this.make(credentials, Infinity) };
    }
    return { ...this.current, headers: credentials.headers };
  }

  close(): void {
    this.current?.calls.destroy();
    this.current?.watches.destroy();
    this.current = null;
  }

  /** Idle connections end now; those in use end when their answer has come. */
  private retire(): void {
    for (const agent of [this.current?.calls, this.current?.watches])
      for (const sockets of Object.values(agent?.freeSockets ?? {}))
        for (const socket of sockets ?? []) socket.destroy();
  }

  private make(credentials: Credentials, maxSockets: number): HttpAgent {
    const options = { keepAlive: true, keepAliveMsecs: keepAliveProbeMs, maxSockets, timeout: idleMs };
    if (this.connection.server.startsWith('http:')) return new HttpAgent(options);
    const { ca, cert, key, servername, rejectUnauthorized } = credentials;
    return new HttpsAgent({
      ...options,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(servername !== undefined && { servername }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    });
  }
}

function fingerprintOf(credentials: Credentials): string {
  const { ca, cert, key, servername, rejectUnauthorized } = credentials;
  const hash = createHash('sha256');
  for (const part of [ca, cert, key, servername, String(rejectUnauthorized)]) hash.update(`${part ?? ''}\0`);
  return hash.digest('hex');
}
