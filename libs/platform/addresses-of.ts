import { Addresses } from './addresses.js';
import type { Config } from './config.js';

/** This process's own internal port. */
export function internalUrl(config: Config): string {
  return `http://127.0.0.1:${config.port + 1}`;
}

/** Addresses people use: the public URL's, or this machine's own port. */
export function addressesOf(config: Config): Addresses {
  const routerUrl = config.routerUrl ?? internalUrl(config);
  if (config.publicUrl === undefined) return new Addresses('http', config.port, routerUrl);
  const url = new URL(config.publicUrl);
  return new Addresses(
    url.protocol === 'https:' ? 'https' : 'http',
    url.port === '' ? null : Number(url.port),
    routerUrl,
  );
}

/** Suffixes under which each tenant has a host by its name. */
export function hostSuffixes(config: Config): readonly string[] {
  return config.publicUrl === undefined ? ['localhost'] : [new URL(config.publicUrl).hostname, 'localhost'];
}
