import type { ModelProfile } from '#libs/tenancy/domain/tenant.js';
import type { BackendModel, BackendState } from './backend.js';

/** A model as one tenant's callers name it. */
export interface OfferedModel {
  /** `<id>` where that is unique among the tenant's backends, else `<backend>/<id>`. */
  readonly id: string;
  readonly qualifiedId: string;
  readonly state: BackendState;
  readonly model: BackendModel;
  readonly available: boolean;
}

/** A backend as one tenant sees it. */
export interface OfferedBackend {
  readonly state: BackendState;
  readonly isUsed: boolean;
  readonly models: readonly { readonly offered: OfferedModel; readonly isAllowed: boolean }[];
}

/** What a tenant may use right now. When nothing is available, `problem` says why and what to do. */
export interface ModelCatalogue {
  readonly models: readonly OfferedModel[];
  readonly backends: readonly OfferedBackend[];
  /** Backends the manifest names although there is no such ModelBackend. */
  readonly missing: readonly string[];
  readonly defaultModel: string | null;
  readonly problem: { readonly message: string; readonly action: string } | null;
  readonly find: (id: string) => OfferedModel | null;
}

/** Sorts what is known of all backends into what one tenant may use. */
export function catalogueFor(profile: ModelProfile, states: readonly BackendState[]): ModelCatalogue {
  const own = states.filter((state) => state.definition.source !== 'demo' && isUsed(profile, state));
  const offered = withPublicIds(own).filter((model) => isAllowed(profile, model));
  const demo = withPublicIds(states.filter((state) => isOwnDemo(profile, state))).filter((model) =>
    isAllowed(profile, model),
  );
  const usesDemo = !offered.some((model) => model.available);
  const models = usesDemo ? [...offered, ...demo.slice(0, 1)] : offered;
  const byId = new Map(models.flatMap((model) => [[model.qualifiedId, model] as const, [model.id, model] as const]));
  const missing = profile.backends.map(({ name }) => name).filter((name) => !isKnown(name, states));
  return {
    models,
    missing,
    backends: backendsFor(profile, states, usesDemo),
    defaultModel: defaultModel(profile, models, byId),
    problem: usesDemo ? problemOf(profile, own, missing) : null,
    find: (id) => byId.get(id) ?? null,
  };
}

function isKnown(name: string, states: readonly BackendState[]): boolean {
  return states.some(({ definition }) => definition.source !== 'found' && definition.name === name);
}

/** Whether the tenant has chosen this backend: by its manifest, or by saying yes to a found one. */
function isUsed(profile: ModelProfile, { definition }: BackendState): boolean {
  const isNamed = profile.backends.some(({ name }) => name === definition.name);
  if (definition.source !== 'found') return isNamed;
  return profile.discover === true || (profile.found ?? []).includes(definition.name);
}

/** The demo responder everybody has, or one a manifest names. */
function isOwnDemo(profile: ModelProfile, state: BackendState): boolean {
  return state.definition.source === 'demo' && (state.definition.name === 'demo' || isUsed(profile, state));
}

function withPublicIds(states: readonly BackendState[]): OfferedModel[] {
  const uses = new Map<string, number>();
  for (const { models } of states) for (const { id } of models) uses.set(id, (uses.get(id) ?? 0) + 1);
  return states.flatMap((state) =>
    state.models.map((model) => {
      const qualifiedId = `${state.definition.name}/${model.id}`;
      const isPlain = state.definition.source === 'manifest' && uses.get(model.id) === 1;
      return { id: isPlain ? model.id : qualifiedId, qualifiedId, state, model, available: state.reachable === true };
    }),
  );
}

function isAllowed(profile: ModelProfile, model: OfferedModel): boolean {
  const { allow } = profile;
  // The demo is no model: a list of allowed models is not meant to take the explanation of an empty page away.
  if (allow === null || model.state.definition.source === 'demo') return true;
  return allow.includes(model.id) || allow.includes(model.qualifiedId);
}

function backendsFor(profile: ModelProfile, states: readonly BackendState[], usesDemo: boolean): OfferedBackend[] {
  const shown = states.filter(
    (state) => state.definition.source === 'found' || isUsed(profile, state) || isOwnDemo(profile, state),
  );
  return shown.map((state) => ({
    state,
    isUsed: state.definition.source === 'demo' ? usesDemo : isUsed(profile, state),
    models: withPublicIds([state]).map((offered) => ({ offered, isAllowed: isAllowed(profile, offered) })),
  }));
}

function defaultModel(
  profile: ModelProfile,
  models: readonly OfferedModel[],
  byId: ReadonlyMap<string, OfferedModel>,
): string | null {
  const wanted = profile.defaultModel === null ? undefined : byId.get(profile.defaultModel);
  if (wanted?.available === true) return wanted.id;
  const chat = models.filter(({ model }) => model.kind === 'chat');
  return (chat.find(({ available }) => available) ?? wanted ?? chat[0])?.id ?? null;
}

function problemOf(
  profile: ModelProfile,
  own: readonly BackendState[],
  missing: readonly string[],
): { message: string; action: string } {
  const [absent] = missing;
  if (absent !== undefined) {
    return {
      message: `The model backend "${absent}" is named by the manifest, but there is no such ModelBackend.`,
      action: `Add a ModelBackend manifest with metadata.name "${absent}", or take it out of spec.models.backends.`,
    };
  }
  const broken = own.find(({ reachable }) => reachable !== true);
  if (broken !== undefined) {
    return {
      message: `The model backend "${broken.definition.name}" is not available: ${broken.problem ?? 'it has not been asked yet.'}`,
      action: 'Start the model server, or correct its ModelBackend manifest; it is asked again every 30 seconds.',
    };
  }
  if (own.length > 0 && profile.allow !== null) {
    return {
      message: 'No model of the backends is in the list of allowed models.',
      action: 'Correct spec.models.allow: each entry is a model id, or <backend>/<id>.',
    };
  }
  if (profile.discover === true) {
    return {
      message: 'No model backend was found on this machine, and none is named.',
      action: 'Start Ollama, vLLM, LM Studio or llama.cpp here, or name a ModelBackend in spec.models.backends.',
    };
  }
  return {
    message: 'No model backend is set up for this organisation.',
    action: 'Name a model backend in the manifest, or start one on this machine and set models.discover.',
  };
}
