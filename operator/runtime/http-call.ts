import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Agent } from 'node:http';
import { KubeApiError } from './kube-api-error.js';

/** One request as it goes out. */
export interface HttpCall {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

/** Sends it and gives the answer's head; its body is for the caller to read. @throws {KubeApiError} with status 0 */
export function send(call: HttpCall): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { url, method, headers, body, agent, signal } = call;
    const start = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = start(url, { method, headers: { ...headers, ...length }, agent, signal });
    request.once('response', resolve);
    request.on('error', (error) => reject(lost(call, error)));
    request.end(body);
  });
}

/** The whole body as text. @throws {KubeApiError} with status 0 when the connection breaks in the middle */
export async function readBody(call: HttpCall, response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    throw lost(call, error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What is known of a call whose answer did not come. The address holds no secret: tokens travel as headers. */
export function lost(call: Pick<HttpCall, 'url' | 'method' | 'signal'>, cause: unknown): KubeApiError {
  const { url, method, signal } = call;
  const timedOut = signal.aborted && signal.reason instanceof Deadline;
  const words = cause instanceof Error ? cause.message : String(cause);
  return new KubeApiError({
    status: 0,
    reason: timedOut ? 'Deadline' : 'NoAnswer',
    message: `${method} ${url.pathname}: ${timedOut ? 'no answer in time' : words}`,
    cause,
  });
}

/** Why a signal aborted when nobody asked for it. */
export class Deadline extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = 'Deadline';
  }
}
