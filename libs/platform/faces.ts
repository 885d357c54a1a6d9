import { join } from 'node:path';
import type { Logger } from 'pino';
import { installRoot, versionOf } from './install-root.js';
import type { FaceOptions } from './nest/create-face.js';
import { type EdgeParts, guardEdge } from './nest/edge.js';
import { ErrorsFilter } from './nest/errors.filter.js';
import { OpenAiErrorsFilter } from './nest/openai-error.js';
import type { Foundation } from './foundation.js';
import { lookOf } from './page-look.js';
import { serveWeb } from './web-pages.js';

/** A turn of 200,000 characters with room around it; a logo of 64 KB is the largest other body. */
const bodyLimitBytes = 1024 * 1024;

type Common = Omit<FaceOptions, 'module' | 'equip'>;

/** What the two faces with pages have in common: the edge, the pages in the tenant's look, the contracts. */
export function webFace(foundation: Foundation, name: 'chat' | 'admin', edge: EdgeParts): Common {
  const { log, profiles, addresses } = foundation;
  const root = installRoot();
  const errors = new ErrorsFilter(log, name);
  return {
    log,
    errors,
    bodyLimitBytes,
    contracts: true,
    prepare: async (instance) => {
      guardEdge(instance, name, edge);
      const look = lookOf({ profiles, addresses, version: versionOf(root), face: name });
      await serveWeb(instance, { errors, folder: join(root, 'dist', 'web', name), look });
    },
  };
}

/** The router: no pages, OpenAI's errors, and hot routes that check for themselves. */
export function routerFace(log: Logger): Common {
  return { log, bodyLimitBytes, contracts: false, prepare: () => undefined, errors: new OpenAiErrorsFilter(log) };
}
