import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchChromium, launchPlatform, type Platform } from '#test/support/browser-platform.js';
import { expectAccessible, openProfile } from '#test/support/browser-page.js';
import { chromium } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { startOidcIdp, type TestIdp } from '#test/support/oidc-idp.js';

const secret = 'client secret of the test';

function manifest(issuer: string): string {
  return `apiVersion: whisperengine.ai/v1alpha1
kind: WhisperTenant
metadata: { name: acme }
spec:
  displayName: Acme Research
  owner: { email: owner@acme.example }
  sso:
    type: oidc
    oidc:
      issuer: ${issuer}
      clientId: whisper
      clientSecretRef: { name: idp }
      scopes: [openid, email, profile, groups]
    groupRoleMap: [{ group: it, role: admin }]
`;
}

describeWith(chromium, 'signing in at the organisation in a real browser', (executablePath) => {
  let idp: TestIdp;
  let platform: Platform;
  let browser: Browser;

  beforeAll(async () => {
    idp = await startOidcIdp();
    [platform, browser] = await Promise.all([
      launchPlatform({ manifests: { 'acme.yaml': manifest(idp.issuer) }, secrets: { 'acme/idp/value': secret } }),
      launchChromium(executablePath),
    ]);
    const redirect = `${platform.chatUrl('acme')}/api/sign-in/oidc/callback`;
    idp.serve([{ clientId: 'whisper', secret, redirectUris: [redirect] }]);
    const person = (sub: string, name: string, groups: string[]) =>
      idp.accounts.set(sub, { sub, name, email: `${sub}@acme.example`, emailVerified: true, groups });
    person('ida', 'Ida Admin', ['it']);
    person('max', 'Max Member', ['sales']);
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await idp.close();
  });

  const enter = async (name: string) => {
    const profile = await openProfile(browser);
    await profile.page.goto(`${platform.chatUrl('acme')}/`);
    await profile.page.getByTestId('sign-in-sso').click();
    await profile.page.getByRole('button', { name }).click();
    return profile;
  };

  it.each([
    ['Ida Admin', 1],
    ['Max Member', 0],
  ])('lets %s in with the role of the group', async (name, adminItems) => {
    const { page, context, faults } = await enter(name);
    await page.getByTestId('composer').waitFor();
    await page.getByTestId('account-menu').click();
    await page.getByText(name).first().waitFor();

    expect(await page.getByRole('menuitem', { name: 'Open admin pages' }).count()).toBe(adminItems);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('tells somebody it does not know no more than a request id', async () => {
    idp.forge = { claims: (claims) => ({ ...claims, aud: 'somebody else' }), withOtherKey: false };
    const { page, context } = await enter('Max Member');
    const alert = page.getByRole('alert');
    await alert.waitFor();

    expect(await alert.textContent()).toMatch(/did not confirm you\..*Request id.*[\w-]{8}/is);
    expect(await page.content()).not.toContain('somebody else');
    await expectAccessible(page);
    idp.forge = null;
    await context.close();
  });
});
