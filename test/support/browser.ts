import { request } from 'node:http';
import { guardHeader } from '#libs/contracts/endpoint.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly location: string | null;
}

/** The person whom a first step has let in. */
export function meOf({ text, json }: Answer): Readonly<Record<string, unknown>> {
  if (json['kind'] !== 'signed-in') throw new Error(`not signed in: ${text}`);
  return json['me'] as Readonly<Record<string, unknown>>;
}

interface Sending {
  readonly body?: unknown;
  readonly form?: Record<string, string>;
  readonly headers?: Record<string, string>;
  /** The page of another site sends it: only cookies go along that say SameSite=None. */
  readonly isCrossSite?: boolean;
}

/** What a web browser does with cookies and origins. Every host name leads to loopback. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();
  /** Names of cookies that cross sites. */
  private readonly crossing = new Set<string>();

  /** @param origin of the pages it is on, as `http://acme.localhost:4780` */
  constructor(readonly origin: string) {}

  get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', url, { headers });
  }

  /** A call of a page's script. */
  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.send(method, path, {
      ...(body === undefined ? {} : { body }),
      headers: { origin: this.origin, [guardHeader]: '1' },
    });
  }

  cookie(name: string): string | null {
    return this.jars.get(new URL(this.origin).host)?.get(name) ?? null;
  }

  setCookie(name: string, value: string): void {
    this.jar(new URL(this.origin).host).set(name, value);
  }

  send(method: string, target: string, { body, form, headers = {}, isCrossSite = false }: Sending): Promise<Answer> {
    const url = new URL(target, this.origin);
    const jar = this.jar(url.host);
    const text = form === undefined ? JSON.stringify(body) : new URLSearchParams(form).toString();
    const sent: Record<string, string> = { ...headers, host: url.host };
    const cookies = [...jar].filter(([name]) => !isCrossSite || this.crossing.has(name));
    if (cookies.length > 0) sent['cookie'] = cookies.map(([name, value]) => `${name}=${value}`).join('; ');
    if (text !== undefined) {
      sent['content-type'] = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
      sent['content-length'] = String(Buffer.byteLength(text));
    }
    return new Promise((resolve, reject) => {
      const outgoing = request(
        // A connection of its own: one that was kept from before a kill would be reset under the next request.
        {
          host: '127.0.0.1',
          port: url.port,
          path: `${url.pathname}${url.search}`,
          method,
          headers: sent,
          agent: false,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () => {
            const given = incoming.headers['set-cookie'] ?? [];
            keep(jar, given);
            for (const one of given) if (/samesite=none/i.test(one)) this.crossing.add(one.slice(0, one.indexOf('=')));
            resolve(answerOf(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks).toString('utf8')));
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  }

  private jar(host: string): Map<string, string> {
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar);
    return jar;
  }
}

function keep(jar: Map<string, string>, cookies: readonly string[]): void {
  for (const cookie of cookies) {
    const [pair = ''] = cookie.split(';');
    const at = pair.indexOf('=');
    if (/max-age=0|expires=thu, 01 jan 1970/i.test(cookie)) jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

function answerOf(status: number, headers: Answer['headers'], text: string): Answer {
  const isJson = String(headers['content-type'] ?? '').includes('json');
  const location = headers['location'];
  return {
    status,
    headers,
    text,
    json: isJson && text !== '' ? (JSON.parse(text) as Answer['json']) : {},
    location: typeof location === 'string' ? location : null,
  };
}
