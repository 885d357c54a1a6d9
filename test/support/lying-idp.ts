import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

interface TokenRequest {
  /** What an honest provider would say. */
  readonly claims: JWTPayload;
  readonly key: CryptoKey;
  readonly publicJwk: JWK;
}

/** What a provider does wrong; each part replaces the honest answer. */
export interface Lies {
  readonly discovery?: (honest: Record<string, unknown>) => unknown;
  readonly idToken?: (request: TokenRequest) => Promise<string> | string;
  readonly userInfo?: (honest: Record<string, unknown>) => unknown;
  readonly callback?: (honest: URLSearchParams) => void;
  /** Answers a path itself: `/jwks`, `/token`... */
  readonly answer?: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>>;
}

/** What an honest provider says once it has proof. */
interface Proven {
  readonly sub: string;
  readonly email: string;
  readonly nonce?: string;
}

/** A provider on loopback that is honest until a test says otherwise. It asks nobody who they are. */
export interface LyingIdp {
  readonly issuer: string;
  lies: Lies;
  /** The person of the next sign-ins. */
  account: { readonly sub: string; readonly email: string };
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Where the browser is sent back to, for the address it was sent out with. */
  back(departure: string): string;
  close(): Promise<void>;
}

interface Grant {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function send(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

export async function startLyingIdp(clientId: string): Promise<LyingIdp> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid: 'key', alg: 'RS256', use: 'sig' };
  const grants = new Map<string, Grant>();
  const refreshTokens = new Map<string, LyingIdp['account']>();
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', issuer).pathname;
    idp.asked.push(path);
    const own = idp.lies.answer?.[path];
    if (own !== undefined) return own(request, response);
    if (path === '/.well-known/openid-configuration')
      return send(response, (idp.lies.discovery ?? ((honest) => honest))(discovery()));
    if (path === '/jwks') return send(response, { keys: [publicJwk] });
    if (path === '/token') return token(request, response);
    const { sub, email } = idp.account;
    if (path === '/userinfo') return send(response, (idp.lies.userInfo ?? ((honest) => honest))({ sub, email }));
    response.writeHead(404).end();
  };
  const discovery = () => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
  });
  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    if (body.get('grant_type') === 'refresh_token') return refresh(body.get('refresh_token') ?? '', response);
    const grant = grants.get(body.get('code') ?? '');
    grants.delete(body.get('code') ?? '');
    if (grant === undefined || !(await isProven(grant, body))) {
      response.statusCode = 400;
      return send(response, { error: 'invalid_grant' });
    }
    await answer({ ...idp.account, nonce: grant.nonce }, response);
  };
  /** Each is good for one use. */
  const refresh = async (refreshToken: string, response: ServerResponse): Promise<void> => {
    const account = refreshTokens.get(refreshToken);
    refreshTokens.delete(refreshToken);
    if (account !== undefined) return answer(account, response);
    response.statusCode = 400;
    send(response, { error: 'invalid_grant' });
  };
  const answer = async (proven: Proven, response: ServerResponse): Promise<void> => {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { ...proven, iss: issuer, aud: clientId, iat: now, exp: now + 300 };
    const make = idp.lies.idToken ?? honestToken;
    const idToken = await make({ claims, key: privateKey, publicJwk });
    const refreshToken = randomUUID();
    refreshTokens.set(refreshToken, idp.account);
    send(response, {
      access_token: randomUUID(),
      token_type: 'Bearer',
      expires_in: 300,
      id_token: idToken,
      refresh_token: refreshToken,
    });
  };
  const isProven = async ({ challenge, redirectUri }: Grant, body: URLSearchParams): Promise<boolean> => {
    const verifier = new TextEncoder().encode(body.get('code_verifier') ?? '');
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', verifier)).toString('base64url');
    return hash === challenge && body.get('redirect_uri') === redirectUri;
  };

  const idp: LyingIdp = {
    issuer,
    lies: {},
    account: { sub: 'sub-1', email: 'ann@acme.example' },
    asked: [],
    back: (departure) => {
      const asked = new URL(departure).searchParams;
      const redirectUri = asked.get('redirect_uri') ?? '';
      const code = randomUUID();
      grants.set(code, {
        nonce: asked.get('nonce') ?? '',
        challenge: asked.get('code_challenge') ?? '',
        redirectUri,
      });
      const query = new URLSearchParams({ code, state: asked.get('state') ?? '' });
      idp.lies.callback?.(query);
      return `${redirectUri}?${query.toString()}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return idp;
}

/** The token an honest provider would give. */
export function honestToken({ claims, key }: TokenRequest): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key' }).sign(key);
}
