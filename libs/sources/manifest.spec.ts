import { describe, expect, it } from '@jest/globals';
import { problemText, readManifests } from './manifest.js';

const good = `
apiVersion: whisperengine.ai/v1alpha1
kind: WhisperTenant
metadata:
  name: acme
spec:
  displayName: Acme
  owner:
    email: owner@acme.example
`;

const problemsOf = (text: string) => readManifests('a.yaml', text).problems.map(problemText);

describe('readManifests', () => {
  it('reads several documents of a file', () => {
    const { manifests, problems } = readManifests(
      'a.yaml',
      `${good}---${good.replace('name: acme', 'name: globex')}---\n# nothing\n`,
    );

    expect(manifests.map(({ manifest }) => manifest.metadata.name)).toEqual(['acme', 'globex']);
    expect(problems).toEqual([]);
  });

  it.each([
    [
      'an unknown field',
      `${good}  colour: red\n`,
      'a.yaml:7: acme: spec.colour is not a field of this kind; remove it or correct its name',
    ],
    [
      'a missing field',
      good.replace(/ {2}owner:[\s\S]*/, ''),
      'a.yaml:7: acme: spec.owner is missing; it must be object',
    ],
    ['another version', good.replace('v1alpha1', 'v2'), 'a.yaml:2: acme: apiVersion must be whisperengine.ai/v1alpha1'],
    [
      'another kind',
      good.replace('WhisperTenant', 'Deployment'),
      'a.yaml:3: acme: kind must be WhisperTenant or ModelBackend',
    ],
    [
      'a bad name',
      good.replace('name: acme', 'name: Acme!'),
      'a.yaml:5: Acme!: metadata.name must be lower-case letters, digits and inner hyphens (RFC 1123)',
    ],
    [
      'a default outside allow',
      `${good}  models:\n    allow: [a]\n    default: b\n`,
      'a.yaml:12: acme: spec.models.default must be one of allow',
    ],
    [
      'a provider that would be asked again all the time',
      `${good}  sso: { type: oidc, oidc: { issuer: "https://idp.example", clientId: w, recheckMinutes: 4 } }\n`,
      'a.yaml:10: acme: spec.sso.oidc.recheckMinutes Too small: expected number to be >=5',
    ],
    [
      'a provider that would be asked again after more than a day',
      `${good}  sso: { type: oidc, oidc: { issuer: "https://idp.example", clientId: w, recheckMinutes: 1441 } }\n`,
      'a.yaml:10: acme: spec.sso.oidc.recheckMinutes Too big: expected number to be <=1440',
    ],
  ])('names file, line, field and fix of %s', (_case, text, expected) => {
    expect(problemsOf(text)).toEqual([expected]);
  });

  it('says where YAML ends to be YAML, and reads on', () => {
    const { manifests, problems } = readManifests('a.yaml', `a: [1,\n---${good}`);

    expect(problems).toHaveLength(1);
    expect(problems.map(problemText)[0]).toMatch(/^a\.yaml:\d+: the file is not valid YAML/);
    expect(manifests).toHaveLength(1);
  });

  it('refuses a bomb of aliases', () => {
    expect(problemsOf('a: &a [x, x]\nb: [*a, *a]\n')).toEqual([expect.stringContaining('uses a YAML alias')]);
  });

  it('gives the same content the same revision', () => {
    const [one] = readManifests('a.yaml', good).manifests;
    const [two] = readManifests('b.yaml', `# a comment\n${good}`).manifests;

    expect(one?.revision).toBe(two?.revision);
  });
});
