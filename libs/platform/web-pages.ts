import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BootBlock } from '#libs/contracts/boot.js';
import { AppError } from '#libs/kernel/errors.js';
import type { FaceErrors } from './nest/face-errors.js';
import { escapeHtml } from './plain-page.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

/** The head of a page in the tenant's look. */
export interface PageLook {
  readonly boot: BootBlock;
  /** The style block; its hash is what the CSP allows. */
  readonly css: string;
  readonly logo: { readonly type: string; readonly bytes: Buffer; readonly path: string } | null;
}

interface WebPages {
  /** Folder of the built front end. */
  readonly folder: string;
  readonly errors: FaceErrors;
  readonly look: (tenant: Tenant, tenantHost: string, acceptLanguage: string | undefined) => Promise<PageLook>;
}

/** JSON that cannot end its script element. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function headOf(look: PageLook): string {
  const { branding } = look.boot;
  const icon = look.logo === null ? '' : `<link rel="icon" type="${look.logo.type}" href="${look.logo.path}">`;
  return `<title>${escapeHtml(branding.displayName)}</title>${icon}<style>${look.css}</style><script type="application/json" id="boot">${scriptJson(look.boot)}</script>`;
}

function policy(css: string): string {
  const hash = createHash('sha256').update(css).digest('base64');
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'sha256-${hash}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Serves a built front end: hashed assets for ever, the page itself with the tenant's look in its first byte. */
export async function serveWeb(instance: FastifyInstance, pages: WebPages): Promise<void> {
  const template = await readFile(join(pages.folder, 'index.html'), 'utf8').catch((cause: unknown) => {
    throw new AppError('start_failed', `The web pages are not built: ${pages.folder} has no index.html.`, {
      action: 'Run `npm run build`.',
      cause,
    });
  });
  await instance.register(async (scope) => {
    // Nest's own handler is for the routes that Nest makes.
    scope.setErrorHandler((error, request, reply) => pages.errors.answer(error, request, reply));
    await addRoutes(scope, pages, template);
  });
}

async function addRoutes(instance: FastifyInstance, pages: WebPages, template: string): Promise<void> {
  await instance.register(fastifyStatic, {
    root: pages.folder,
    wildcard: false,
    index: false,
    globIgnore: ['index.html'],
    cacheControl: false,
    // Only names that carry a hash of their content may be kept for ever.
    setHeaders: (reply, path) =>
      void reply.header(
        'cache-control',
        /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ),
  });

  instance.get('/brand/:file', async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = request.caller;
    const look = caller === undefined ? null : await pages.look(caller.tenant, caller.tenantHost, undefined);
    if (look?.logo === undefined || look.logo === null || look.logo.path !== request.url.split('?')[0])
      throw new AppError('not_found', 'There is nothing here.');
    return reply
      .type(look.logo.type)
      .headers({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      })
      .send(look.logo.bytes);
  });

  const page = async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = request.caller;
    if (caller === undefined || request.url.startsWith('/api/') || request.url.startsWith('/assets/'))
      throw new AppError('not_found', 'There is nothing here.');
    const look = await pages.look(caller.tenant, caller.tenantHost, request.headers['accept-language']);
    const html = template
      .replace('<!--whisper:head-->', () => headOf(look))
      .replace('<html lang="en"', `<html lang="${look.boot.branding.locale}"`);
    const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 24)}"`;
    void reply.headers({
      'cache-control': 'no-cache',
      etag,
      vary: 'Host, Accept-Language',
      'content-security-policy': policy(look.css),
    });
    if (request.headers['if-none-match'] === etag) return reply.status(304).send();
    return reply.type('text/html; charset=utf-8').send(html);
  };
  // Pages are the front end's own routes; everything that is no endpoint and no asset is one of them.
  instance.get('/', page);
  instance.get('/*', page);
}
