import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { destination, type Logger } from 'pino';
import { createLogger } from '#libs/telemetry/logger.js';
import type { Config } from './config.js';

/** The log: JSON lines on standard error; on a terminal, where a person reads, in a file of the data folder. */
export async function openLog(config: Config, service: string, onTerminal: boolean): Promise<Logger> {
  if (!onTerminal)
    return createLogger({ level: config.logLevel, service, destination: destination({ fd: 2, sync: true }) });
  await mkdir(config.data, { recursive: true, mode: 0o711 });
  return createLogger({
    level: config.logLevel,
    service,
    destination: destination({ dest: join(config.data, 'whisper.log'), sync: false, mkdir: true }),
  });
}
