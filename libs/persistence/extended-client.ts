import pg from 'pg';

/** A query of ours that may use the simple protocol: the prelude and the end of a unit of work, and nothing else. */
export const simpleProtocol = Symbol('simple protocol');

interface SimpleQuery {
  readonly text: string;
  readonly [simpleProtocol]: true;
}

function isSimple(config: unknown): config is SimpleQuery {
  return typeof config === 'object' && config !== null && simpleProtocol in config;
}

type AnyQuery = (config: unknown, ...rest: unknown[]) => unknown;

/**
 * A client that sends every statement by the extended protocol, which refuses a second statement behind a
 * semicolon. Without it, a statement without parameters would travel by the simple protocol and could be stacked.
 */
export class ExtendedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const send = this.query.bind(this) as AnyQuery;
    const extended: AnyQuery = (config, ...rest) => {
      if (isSimple(config)) return send({ text: config.text }, ...rest);
      if (typeof config === 'string') {
        const [values, ...others] = rest;
        return Array.isArray(values)
          ? send({ text: config, values, queryMode: 'extended' }, ...others)
          : send({ text: config, queryMode: 'extended' }, ...rest.filter((part) => part !== undefined));
      }
      return send(
        typeof config === 'object' ? Object.assign(config as object, { queryMode: 'extended' }) : config,
        ...rest,
      );
    };
    Object.defineProperty(this, 'query', { value: extended, writable: true });
  }
}
