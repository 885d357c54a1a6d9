import { describe, expect, it } from '@jest/globals';
import type { ModelProfile } from '#libs/tenancy/domain/tenant.js';
import { type BackendDefinition, type BackendState, demoBackend } from './backend.js';
import { catalogueFor } from './model-catalogue.js';
import { free } from './money.js';

const profile = (change: Partial<ModelProfile> = {}): ModelProfile => ({
  backends: [],
  discover: null,
  found: null,
  allow: null,
  defaultModel: null,
  fallback: null,
  systemPrompt: null,
  rateLimits: null,
  monthlyMicroUsd: null,
  hardStop: null,
  ...change,
});

function state(
  name: string,
  ids: readonly string[],
  change: Partial<BackendDefinition & BackendState> = {},
): BackendState {
  const { source = 'manifest', reachable = true, problem = null } = change;
  const models = ids.map((id) => ({ id, kind: 'chat' as const, contextTokens: null, price: free }));
  return { definition: { ...demoBackend, name, source, provider: 'openai', models }, reachable, problem, models };
}
const demo: BackendState = {
  definition: demoBackend,
  reachable: true,
  problem: null,
  models: demoBackend.models ?? [],
};
const uses = (...names: string[]) => ({ backends: names.map((name) => ({ name })) });

describe('what a tenant may use', () => {
  it('names a model by its id alone where that is unique, and takes both forms', () => {
    const catalogue = catalogueFor(profile(uses('a', 'b')), [demo, state('a', ['x', 'y']), state('b', ['y', 'z'])]);

    expect(catalogue.models.map(({ id }) => id)).toEqual(['x', 'a/y', 'b/y', 'z']);
    expect(catalogue.find('a/x')?.id).toBe('x');
    expect(catalogue.find('y')).toBeNull();
  });

  it('uses a found server only after a yes', () => {
    const states = [demo, state('ollama', ['llama3'], { source: 'found' })];

    expect(catalogueFor(profile(), states).find('ollama/llama3')).toBeNull();
    expect(catalogueFor(profile({ discover: true }), states).models.map(({ id }) => id)).toEqual(['ollama/llama3']);
    expect(catalogueFor(profile({ found: ['ollama'] }), states).find('ollama/llama3')?.available).toBe(true);
    expect(catalogueFor(profile(), states).backends).toMatchObject([
      { state: demo, isUsed: true },
      { state: { definition: { name: 'ollama' } }, isUsed: false },
    ]);
  });

  it('offers the demo only where nothing else is available, beside the reason', () => {
    const dead = state('a', ['x'], { reachable: false, problem: 'it is off.' });

    const without = catalogueFor(profile(), [demo]);
    const broken = catalogueFor(profile(uses('a')), [demo, dead]);
    const whole = catalogueFor(profile(uses('a')), [demo, state('a', ['x'])]);

    expect(without.models.map(({ id }) => id)).toEqual(['demo/guide']);
    expect(without.problem?.message).toContain('No model backend');
    expect(broken.models.map(({ id, available }) => [id, available])).toEqual([
      ['x', false],
      ['demo/guide', true],
    ]);
    expect(broken.problem?.message).toContain('it is off.');
    expect([whole.find('demo/guide'), whole.problem]).toEqual([null, null]);
  });

  it.each([
    ['a backend that is not there', uses('gone'), [demo], 'gone'],
    ['an allow list that fits nothing', { ...uses('a'), allow: ['q'] }, [demo, state('a', ['x'])], 'allowed'],
  ])('says what is wrong with %s', (_case, change, states, words) => {
    expect(catalogueFor(profile(change), states).problem?.message).toContain(words);
  });

  it('offers what the list allows, in either form of an id', () => {
    const states = [demo, state('a', ['x', 'y', 'z'])];

    const { models } = catalogueFor(profile({ ...uses('a'), allow: ['x', 'a/z'] }), states);

    expect(models.map(({ id }) => id)).toEqual(['x', 'z']);
  });

  it.each([
    ['the one the tenant has set', 'y', true, 'y'],
    ['the first available one where that is unknown', 'nope', true, 'x'],
    ['the first available one where none is set', null, true, 'x'],
    ['the demo where nothing else is available', 'y', false, 'demo/guide'],
  ])('has for its default %s', (_case, defaultModel, reachable, expected) => {
    const states = [demo, state('a', ['x', 'y'], { reachable })];

    expect(catalogueFor(profile({ ...uses('a'), defaultModel }), states).defaultModel).toBe(expected);
  });

  it("shows a tenant no backend of another tenant's", () => {
    const catalogue = catalogueFor(profile(uses('a')), [demo, state('a', ['x']), state('secret', ['s'])]);

    expect(catalogue.backends.map((one) => one.state.definition.name)).toEqual(['demo', 'a']);
    expect(catalogue.find('secret/s')).toBeNull();
  });
});
