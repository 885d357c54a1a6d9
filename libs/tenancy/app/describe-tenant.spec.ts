import { describe, expect, it } from '@jest/globals';
import { TenantManifest } from '#libs/contracts/tenant-spec.js';
import { describeTenant } from './describe-tenant.js';

const manifest = (svg: string) =>
  TenantManifest.parse({
    apiVersion: 'whisperengine.ai/v1alpha1',
    kind: 'WhisperTenant',
    metadata: { name: 'acme' },
    spec: {
      displayName: 'Acme',
      owner: { email: 'Owner@acme.example' },
      branding: { logo: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}` },
    },
  });

describe("a manifest's logo", () => {
  it('is sanitised before anybody is served it', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script><g/></svg>';

    const { logo } = describeTenant(manifest(svg), 'r1', ['localhost']).profile.branding;

    expect(Buffer.from(logo?.split(',')[1] ?? '', 'base64').toString()).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>',
    );
  });

  it('that is no picture is a fault of the manifest', () => {
    expect(() => describeTenant(manifest('<svg><g></svg>'), 'r1', ['localhost'])).toThrow(
      expect.objectContaining({ code: 'manifest_invalid', field: 'spec.branding.logo' }),
    );
  });
});
