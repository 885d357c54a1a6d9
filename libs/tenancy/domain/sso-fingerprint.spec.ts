import { describe, expect, it } from '@jest/globals';
import { samlProfile } from '#test/support/sso-profiles.js';
import { ssoFingerprint } from './sso-fingerprint.js';

describe('ssoFingerprint', () => {
  it('is the same whatever the order in which a database gives fields back', () => {
    const source = { kind: 'url', url: 'https://idp.example/metadata' } as const;
    const turned = { url: source.url, kind: source.kind };

    expect(ssoFingerprint(samlProfile({ source: turned }))).toBe(ssoFingerprint(samlProfile({ source })));
  });

  it('changes with what leads to the provider, and not with rules', () => {
    const source = { kind: 'url', url: 'https://idp.example/metadata' } as const;
    const one = ssoFingerprint(samlProfile({ source }));

    expect(ssoFingerprint(samlProfile({ source: { ...source, url: 'https://idp.example/other' } }))).not.toBe(one);
    expect(ssoFingerprint(samlProfile({ source, justInTime: false }))).toBe(one);
  });
});
