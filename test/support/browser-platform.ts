import { cpSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { installRoot } from '#libs/platform/install-root.js';
import { startCuttableProxy, type CuttableProxy } from './cuttable-proxy.js';
import { freePort } from './free-port.js';
import { newFolder, startPlatform } from './platform.js';

export interface LaunchOptions {
  /** Manifests by file name; left out: the ones of examples/tenants. */
  readonly manifests?: Readonly<Record<string, string>>;
  /** Contents of secrets by path, such as `acme/idp/value`. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The whole platform in a process of its own, behind a wire that can be cut. */
export interface Platform {
  /** What people open, such as `http://acme.localhost:4780`. */
  chatUrl(tenant: string): string;
  /** Without the wire in between: where programs call the API. */
  readonly apiUrl: string;
  readonly wire: CuttableProxy;
  ownerLink(tenant: string): Promise<string>;
  /** Ends the process at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the built product on a data folder of its own. `stop` ends it and removes everything. */
export async function launchPlatform({ manifests, secrets = {}, env = {} }: LaunchOptions = {}): Promise<Platform> {
  const data = await newFolder();
  const tenants = await newFolder();
  if (manifests === undefined) cpSync(join(installRoot(), 'examples', 'tenants'), tenants, { recursive: true });
  for (const [name, text] of Object.entries(manifests ?? {})) await writeFile(join(tenants, name), text);
  for (const [path, text] of Object.entries(secrets)) {
    await mkdir(dirname(join(data, 'secrets', path)), { recursive: true });
    await writeFile(join(data, 'secrets', path), text);
  }
  const port = await freePort();
  const wire = await startCuttableProxy(port);
  const args = ['--public-url', `http://localhost:${wire.port}`];
  const process = await startPlatform({ data, tenants, port, args, env: { WHISPER_LOG_LEVEL: 'error', ...env } });
  return {
    chatUrl: (tenant) => `http://${tenant}.localhost:${wire.port}`,
    apiUrl: `${process.url}/v1`,
    wire,
    ownerLink: async (tenant) => (await process.cli('link', '--tenant', tenant)).stdout.trim(),
    kill: () => process.kill(),
    restart: () => process.restart(),
    async stop() {
      await wire.close();
      await process.close();
    },
  };
}

/** A real Chromium without a window, that asks nothing of the world by itself. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
