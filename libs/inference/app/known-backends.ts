import { pause } from '#libs/kernel/abort.js';
import { AppError, describeError } from '#libs/kernel/errors.js';
import type { ModelProfile } from '#libs/tenancy/domain/tenant.js';
import { demoBackend, type BackendDefinition, type BackendState } from '../domain/backend.js';
import { catalogueFor, type ModelCatalogue } from '../domain/model-catalogue.js';
import type { BackendRegistry } from '../ports/backend-registry.js';
import type { CallTelemetry } from '../ports/call-telemetry.js';
import type { ModelServer } from '../ports/model-server.js';
import type { ServerFinder } from '../ports/server-finder.js';
import type { BackendKeys } from './backend-keys.js';

export interface KnownBackendsParts {
  readonly registry: BackendRegistry;
  /** Null: do not look for servers on this machine. */
  readonly finder: ServerFinder | null;
  readonly server: ModelServer;
  readonly keys: BackendKeys;
  readonly telemetry: CallTelemetry;
}

/** How often an edited manifest is looked for, in ms: a person who saves a file looks for the effect at once. */
const registryEveryMs = 2_000;
/** How often a healthy backend is asked for its models, and this machine searched, in rounds of the above. */
const askEveryRounds = 15;
/** How often a backend that did not answer is asked again, in rounds: a server that starts up shows soon. */
const retryEveryRounds = 3;
/** Longest the very first caller waits for the first round, in ms; later ones never wait. */
const firstRoundMs = 1_000;

/**
 * What is known of all model backends, kept up to date in the background, so that no caller ever waits for a
 * dead one.
 */
export class KnownBackends {
  private readonly states = new Map<string, BackendState>();
  private readonly asking = new Map<string, Promise<void>>();
  private readonly closing = new AbortController();
  private catalogues = new WeakMap<ModelProfile, ModelCatalogue>();
  private firstRound: Promise<void> | null = null;
  private isFirstRoundOver = false;
  private round = 0;

  constructor(private readonly parts: KnownBackendsParts) {
    this.set({ definition: demoBackend, reachable: true, problem: null, models: demoBackend.models ?? [] });
  }

  /** Begins to look after the backends until `close`. */
  start(): void {
    if (this.firstRound !== null) return;
    this.firstRound = this.refresh().finally(() => (this.isFirstRoundOver = true));
    void this.loop();
  }

  close(): void {
    this.closing.abort();
  }

  /** What a tenant of this profile may use, once the first round is over or has taken too long. */
  async catalogue(profile: ModelProfile): Promise<ModelCatalogue> {
    if (!this.isFirstRoundOver && this.firstRound !== null) {
      await Promise.race([this.firstRound, pause(firstRoundMs, this.closing.signal)]);
    }
    const known = this.catalogues.get(profile);
    if (known !== undefined) return known;
    const made = catalogueFor(profile, [...this.states.values()]);
    this.catalogues.set(profile, made);
    return made;
  }

  /** Asks a backend again, because a call has just failed to reach it. */
  suspect(backend: BackendDefinition): void {
    if (backend.source !== 'demo') void this.ask(backend);
  }

  /** One round: reads the manifests, and asks whoever is due. Never throws. */
  async refresh(): Promise<void> {
    const isFull = this.round % askEveryRounds === 0;
    const retries = this.round % retryEveryRounds === 0;
    this.round += 1;
    const found = isFull ? this.search() : Promise.resolve();
    const listed = await this.list();
    const due = listed.filter((definition) => isFull || this.isDue(definition, retries));
    await Promise.all([found, ...due.map((definition) => this.ask(definition))]);
  }

  private async loop(): Promise<void> {
    await this.firstRound;
    while (!this.closing.signal.aborted) {
      await pause(registryEveryMs, this.closing.signal);
      if (!this.closing.signal.aborted) await this.refresh();
    }
  }

  private async list(): Promise<readonly BackendDefinition[]> {
    try {
      const listed = await this.parts.registry.list();
      this.forgetRemoved(new Set(listed.map(({ name }) => `manifest:${name}`)));
      for (const definition of listed) this.take(definition);
      return listed.filter(({ source }) => source !== 'demo');
    } catch (error) {
      this.parts.telemetry.backgroundFailed('backend-refresh', error);
      return this.definitions('manifest');
    }
  }

  private definitions(source: BackendDefinition['source']): BackendDefinition[] {
    return [...this.states.values()].map(({ definition }) => definition).filter((one) => one.source === source);
  }

  /** Makes room for a definition that is new or has changed; what is known of an unchanged one stays. */
  private take(definition: BackendDefinition): void {
    const known = this.states.get(keyOf(definition));
    if (known?.definition.revision === definition.revision) return;
    const reachable = definition.source === 'demo' ? true : null;
    this.set({ definition, reachable, problem: null, models: definition.models ?? [] });
  }

  private forgetRemoved(listed: ReadonlySet<string>): void {
    for (const key of this.states.keys()) {
      if (!key.startsWith('manifest:') || listed.has(key) || key === keyOf(demoBackend)) continue;
      this.states.delete(key);
      this.catalogues = new WeakMap();
    }
  }

  private isDue(definition: BackendDefinition, retries: boolean): boolean {
    const known = this.states.get(keyOf(definition));
    return known === undefined || known.reachable === null || (retries && !known.reachable);
  }

  private ask(definition: BackendDefinition): Promise<void> {
    const key = keyOf(definition);
    const running = this.asking.get(key);
    if (running !== undefined) return running;
    const asked = this.askNow(definition).finally(() => this.asking.delete(key));
    this.asking.set(key, asked);
    return asked;
  }

  private async askNow(definition: BackendDefinition): Promise<void> {
    try {
      const models = await this.parts.server.models(definition, await this.parts.keys.read(definition));
      this.answered({ definition, reachable: true, problem: null, models });
    } catch (error) {
      const models = this.states.get(keyOf(definition))?.models ?? definition.models ?? [];
      this.answered({ definition, reachable: false, problem: problemOf(error), models });
    }
  }

  /** Keeps an answer, unless the manifest was edited or removed while we asked. */
  private answered(state: BackendState): void {
    const known = this.states.get(keyOf(state.definition));
    if (known?.definition.revision === state.definition.revision) this.set(state);
  }

  private async search(): Promise<void> {
    if (this.parts.finder === null) return;
    try {
      const found = await this.parts.finder.find();
      const names = new Set(found.map(({ name }) => name));
      for (const definition of found) {
        this.set({ definition, reachable: true, problem: null, models: definition.models ?? [] });
      }
      for (const lost of this.definitions('found').filter(({ name }) => !names.has(name))) this.lose(lost);
    } catch (error) {
      this.parts.telemetry.backgroundFailed('backend-refresh', error);
    }
  }

  private lose(definition: BackendDefinition): void {
    const models = this.states.get(keyOf(definition))?.models ?? [];
    this.set({ definition, reachable: false, problem: 'It no longer answers on this machine.', models });
  }

  private set(state: BackendState): void {
    this.states.set(keyOf(state.definition), state);
    this.catalogues = new WeakMap();
  }
}

/** A found server may carry the name of a manifest: they stay two. */
function keyOf({ source, name }: BackendDefinition): string {
  return `${source === 'found' ? 'found' : 'manifest'}:${name}`;
}

function problemOf(error: unknown): string {
  return error instanceof AppError ? `${error.message} ${error.action}` : describeError(error);
}
