import { describe, expect, it } from '@jest/globals';
import type { SsoFinding } from '#libs/identity/ports/sso-connector.js';
import type { SamlSource } from '#libs/tenancy/domain/sso-profile.js';
import { memoryOperatorParts } from '#test/fakes/memory-operator-parts.js';
import { renderInput } from '#test/support/render-input.js';
import { samlProfile } from '#test/support/sso-profiles.js';
import type { TenantWork } from '../tenant-work.js';
import { checkSso } from './sso.js';

const url = 'https://idp.example/metadata';
const read: SsoFinding = { check: 'metadata', state: 'ok', detail: 'The metadata describe https://idp.example' };
const ending: SsoFinding = { check: 'certificate', state: 'warning', detail: 'certificate AB ends soon' };
const away: SsoFinding = { check: 'metadata', state: 'failed', detail: `metadata_unreachable: ${url} answers 503` };
const expired: SsoFinding = { check: 'metadata', state: 'failed', detail: 'metadata_expired: it was valid until 2026' };

function work(before: 'True' | 'False' | null): TenantWork {
  const condition = { type: 'SSOConfigured', status: before, observedGeneration: 2, reason: 'MetadataRead' };
  return {
    name: 'acme',
    generation: 2,
    spec: { sso: { type: 'saml' } },
    status: { conditions: before === null ? [] : [condition] },
  } as unknown as TenantWork;
}

function conditionOf(
  findings: readonly SsoFinding[],
  { before = null, source = { kind: 'url', url } }: { before?: 'True' | 'False' | null; source?: SamlSource } = {},
) {
  const { compiled } = renderInput();
  const tenant = { ...compiled, manifest: { ...compiled.manifest, sso: samlProfile({ source }) } };
  const { sso } = memoryOperatorParts();
  return checkSso(work(before), tenant, [], { ...sso, saml: { check: () => Promise.resolve(findings) } });
}

describe('the condition of a tenant with a SAML provider', () => {
  it.each([
    ['what was read', [read], null, 'True', 'MetadataRead', 'describe https://idp.example.'],
    ['what will end', [read, ending], null, 'True', 'MetadataRead', 'certificate AB ends soon.'],
    ['what cannot be had', [away], null, 'False', 'MetadataUnusable', 'Check spec.sso.saml.metadataUrl.'],
    ['what could be had before', [away], 'True', 'True', 'MetadataAway', 'It was fine before.'],
    ['what could not be had before either', [away], 'False', 'False', 'MetadataUnusable', 'answers 503'],
    ['what is over, though it was fine', [expired], 'True', 'False', 'MetadataUnusable', 'valid until 2026'],
  ] as const)('tells of %s', async (_name, findings, before, status, reason, message) => {
    const condition = await conditionOf(findings, { before });

    expect(condition).toMatchObject({ type: 'SSOConfigured', status, reason });
    expect(condition.message).toContain(message);
  });

  it('names the field that was used', async () => {
    const condition = await conditionOf([expired], { source: { kind: 'document', xml: '<x/>' } });

    expect(condition.message).toContain('Check spec.sso.saml.metadata.');
  });
});
