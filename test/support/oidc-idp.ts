import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import type { Browser } from './browser.js';

export interface IdpAccount {
  readonly sub: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly name: string;
  readonly groups?: readonly string[];
}

export interface IdpClient {
  readonly clientId: string;
  readonly secret: string;
  readonly redirectUris: readonly string[];
  readonly signOutUris?: readonly string[];
}

/** An identity provider on loopback: real OpenID Connect, with a sign-in page that asks only who one is. */
export interface TestIdp {
  readonly issuer: string;
  readonly accounts: Map<string, IdpAccount>;
  /** Must be called once before the first sign-in. */
  serve(clients: readonly IdpClient[]): void;
  /** Rewrites the claims of the next ID tokens, and signs them with the given key. Null: leave them. */
  forge: { readonly claims: (claims: JWTPayload) => JWTPayload; readonly withOtherKey: boolean } | null;
  /** Signs with a new key from now on; the old one stays published only with `overlap`. Ends everybody's session there. */
  rotate(how: { readonly overlap: boolean }): Promise<void>;
  /** A logout token of the back channel, signed with the key in use; `header` and `withOtherKey` make it a wrong one. */
  logoutToken(
    claims: JWTPayload,
    how?: { readonly header?: Readonly<Record<string, string>>; readonly withOtherKey?: boolean },
  ): Promise<string>;
  /** Goes through the provider's pages as `sub`; returns the address it sends the browser back to. */
  passThrough(browser: Browser, url: string, sub: string): Promise<string>;
  /** Each refresh token is good for one use; false: it gives none. */
  givesRefreshTokens: boolean;
  /** While true, every request is answered with 503. */
  isAway: boolean;
  close(): Promise<void>;
}

interface IdpKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function newKey(kid: string): Promise<IdpKey> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' } };
}

function page(uid: string, accounts: Iterable<IdpAccount>): string {
  const buttons = [...accounts].map(
    ({ sub, name }) => `<button name="sub" value="${sub}" type="submit">${name}</button>`,
  );
  return `<!doctype html><title>Sign in</title><form method="post" action="/interaction/${uid}/login">${buttons.join('')}</form>`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function claimsOf(account: IdpAccount): Record<string, unknown> & { sub: string } {
  return {
    sub: account.sub,
    name: account.name,
    groups: account.groups ?? [],
    ...(account.email === undefined ? {} : { email: account.email }),
    ...(account.emailVerified === undefined ? {} : { email_verified: account.emailVerified }),
  };
}

async function interact(
  idp: { provider: Provider; accounts: Map<string, IdpAccount> },
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { provider, accounts } = idp;
  const { uid } = await provider.interactionDetails(request, response);
  if (request.method === 'POST') {
    const sub = new URLSearchParams(await bodyOf(request)).get('sub') ?? '';
    const result = accounts.has(sub)
      ? { login: { accountId: sub } }
      : { error: 'access_denied', error_description: 'nobody' };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    return;
  }
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(page(uid, accounts.values()));
}

/** Starts it; keys are made anew for each. `at.issuer` is its address where it is not one on loopback that is free. */
export async function startOidcIdp(at: { readonly issuer?: string } = {}): Promise<TestIdp> {
  let own = await newKey('key-1');
  const other = await newKey('key-1');
  let published: readonly IdpKey[] = [own];
  let served: readonly IdpClient[] = [];
  const cookieKey = randomBytes(32).toString('hex');
  const accounts = new Map<string, IdpAccount>();
  let provider: Provider | undefined;
  const server = createServer((request, response) => {
    if (provider === undefined || idp.isAway) return void response.writeHead(503).end();
    if (request.url?.startsWith('/interaction/') === true) {
      interact({ provider, accounts }, request, response).catch(() => response.writeHead(400).end());
      return;
    }
    if (request.url === '/token' && idp.forge !== null) rewrite(response);
    void provider.callback()(request, response);
  });
  const [host, port] = at.issuer === undefined ? ['127.0.0.1', 0] : ['0.0.0.0', Number(new URL(at.issuer).port)];
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const issuer = at.issuer ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const forged = async (text: string): Promise<string> => {
    const body = JSON.parse(text) as { id_token?: string };
    if (body.id_token === undefined || idp.forge === null) return text;
    const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload;
    const key = idp.forge.withOtherKey ? other.privateKey : own.privateKey;
    const idToken = await new SignJWT(idp.forge.claims(claims))
      .setProtectedHeader({ alg: 'RS256', kid: own.kid })
      .sign(key);
    return JSON.stringify({ ...body, id_token: idToken });
  };
  const rewrite = (response: ServerResponse) => {
    const end = response.end.bind(response) as (text: string) => ServerResponse;
    response.end = ((chunk?: string | Buffer) => {
      void forged(String(chunk)).then((text) => {
        response.setHeader('content-length', Buffer.byteLength(text));
        end(text);
      });
      return response;
    }) as typeof response.end;
  };

  const idp: TestIdp = {
    issuer,
    accounts,
    forge: null,
    givesRefreshTokens: true,
    isAway: false,
    serve: (clients) => {
      served = clients;
      provider = new Provider(issuer, {
        clients: clients.map(({ clientId, secret, redirectUris, signOutUris = [] }) => ({
          client_id: clientId,
          client_secret: secret,
          redirect_uris: [...redirectUris],
          post_logout_redirect_uris: [...signOutUris],
          grant_types: ['authorization_code', 'refresh_token'],
        })),
        jwks: { keys: published.map(({ jwk }) => jwk) },
        cookies: { keys: [cookieKey] },
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
        scopes: ['openid', 'email', 'profile', 'groups', 'offline_access'],
        // As most do, and unlike what the specification says of offline_access: without asking for consent each time.
        issueRefreshToken: () => idp.givesRefreshTokens,
        expiresWithSession: () => false,
        rotateRefreshToken: true,
        features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
        interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
        findAccount: (_context, sub) => {
          const account = accounts.get(sub);
          return account === undefined ? undefined : { accountId: sub, claims: () => claimsOf(account) };
        },
        loadExistingGrant: async (context) => {
          const { client, session } = context.oidc;
          const grant = new context.oidc.provider.Grant({
            clientId: client?.clientId ?? '',
            accountId: session?.accountId ?? '',
          });
          grant.addOIDCScope('openid email profile groups offline_access');
          await grant.save();
          return grant;
        },
        // Its own guard refuses loopback, where everything here lives.
        fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as RequestInit),
        ttl: { Session: 600, Grant: 600, Interaction: 600, AccessToken: 600, IdToken: 600, RefreshToken: 3_600 },
      });
    },
    rotate: async ({ overlap }) => {
      const before = own;
      own = await newKey(`key-${randomUUID()}`);
      published = overlap ? [own, before] : [own];
      idp.serve(served);
    },
    logoutToken: (claims, { header = {}, withOtherKey = false } = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: own.kid, typ: 'logout+jwt', ...header })
        .sign(withOtherKey ? other.privateKey : own.privateKey),
    passThrough: async (browser, url, sub) => {
      let next = url;
      for (let step = 0; step < 10; step++) {
        const answer = await browser.get(next, { accept: 'text/html' });
        if (answer.status === 200) {
          const action = /action="([^"]+)"/.exec(answer.text)?.[1] ?? '';
          const posted = await browser.send('POST', new URL(action, issuer).href, { form: { sub } });
          next = new URL(posted.location ?? '', issuer).href;
        } else {
          next = new URL(answer.location ?? '', next).href;
        }
        if (!next.startsWith(issuer)) return next;
      }
      throw new Error(`the identity provider never came back: ${next}`);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return idp;
}
