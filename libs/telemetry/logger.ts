import { pino, type DestinationStream, type Logger } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Fields that never reach a log, whoever passes them by mistake. */
const secretFields = ['authorization', 'cookie', 'password', 'secret', 'token', 'apiKey', 'messages', 'prompt'];

/**
 * A logger of JSON lines: a constant message, and fields. Errors are told by name, code and words, and prompt
 * text is never among the fields.
 */
export function createLogger(options: {
  readonly level: LogLevel;
  readonly service: string;
  readonly destination?: DestinationStream;
}): Logger {
  const { level, service, destination } = options;
  const settings = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: '[hidden]' },
  };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}
