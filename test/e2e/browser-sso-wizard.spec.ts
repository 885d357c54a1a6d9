import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, launchPlatform, type Platform } from '#test/support/browser-platform.js';
import { expectAccessible, openProfile } from '#test/support/browser-page.js';
import { chromium } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { startOidcIdp, type TestIdp } from '#test/support/oidc-idp.js';

const secret = `secret-${randomUUID()}`;
const manifest = `apiVersion: whisperengine.ai/v1alpha1
kind: WhisperTenant
metadata: { name: acme }
spec:
  displayName: Acme Research
  owner: { email: owner@acme.example }
`;

describeWith(chromium, 'connecting an organisation to its identity provider in a real browser', (executablePath) => {
  let idp: TestIdp;
  let platform: Platform;
  let browser: Browser;

  beforeAll(async () => {
    idp = await startOidcIdp();
    [platform, browser] = await Promise.all([
      // The provider of the test is on this very machine, which a tenant may not name on an address of its own.
      launchPlatform({ manifests: { 'acme.yaml': manifest }, env: { WHISPER_TENANT_ADDRESSES: 'any' } }),
      launchChromium(executablePath),
    ]);
    const redirect = `${platform.chatUrl('acme')}/api/sign-in/oidc/callback`;
    idp.serve([{ clientId: 'whisper', secret, redirectUris: [redirect] }]);
    idp.accounts.set('ida', { sub: 'ida', name: 'Ida Admin', email: 'ida@acme.example', groups: ['it'] });
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await idp.close();
  });

  const openWizard = async (): Promise<Page> => {
    const { page } = await openProfile(browser);
    await page.goto(await platform.ownerLink('acme'));
    await page.getByTestId('use-link').click();
    await page.getByTestId('composer').waitFor();
    await page.goto(`${platform.chatUrl('acme')}/admin`);
    await page.getByRole('link', { name: 'Sign-in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign-in' }).waitFor();
    return page;
  };

  it('takes an admin with client id and secret from nothing to a working sign-in', async () => {
    const page = await openWizard();
    await page.getByText(`${platform.chatUrl('acme')}/api/sign-in/oidc/callback`).waitFor();
    await page.getByLabel('Issuer').fill(idp.issuer);
    await page.getByLabel('Client ID').fill('whisper');
    await page.getByLabel('Client secret', { exact: true }).fill('not the secret');
    await page.getByLabel('Scopes').fill('openid email profile groups');
    await page.getByLabel('Ask the provider again every … minutes').fill('15');
    await page.getByTestId('sso-check').click();
    await page.getByText('the provider names the scope offline_access').waitFor();
    await page.getByText('the provider does not know the client whisper with this secret').waitFor();
    await page.getByLabel('Client secret', { exact: true }).fill(secret);
    await page.getByRole('button', { name: 'Add a rule' }).click();
    await page.getByLabel('Group', { exact: true }).fill('it');
    await page.getByLabel('Role', { exact: true }).selectOption('admin');
    await page.getByTestId('sso-save').click();
    await page.getByText('No test of this connection has succeeded yet.').waitFor();

    const opened = page.waitForEvent('popup');
    await page.getByTestId('sso-test').click();
    const tab = await opened;
    await tab.getByRole('button', { name: 'Ida Admin' }).click();
    await tab.getByRole('heading', { name: 'The test is done' }).waitFor();
    await tab.close();
    const result = page.getByTestId('sso-test-result');
    await result.getByText('The sign-in would succeed').waitFor();
    await result.getByText('Role: Administrator').waitFor();
    await expectAccessible(page);
    await page.getByTestId('sso-save').click();
    await page.getByText('In force', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('In force', { exact: true }).waitFor();
    expect(await page.getByLabel('Ask the provider again every … minutes').inputValue()).toBe('15');

    const other = await openProfile(browser);
    await other.page.goto(`${platform.chatUrl('acme')}/`);
    await other.page.getByTestId('sign-in-sso').click();
    await other.page.getByRole('button', { name: 'Ida Admin' }).click();
    await other.page.getByTestId('composer').waitFor();
    await other.page.getByTestId('account-menu').click();
    expect(await other.page.getByRole('menuitem', { name: 'Open admin pages' }).count()).toBe(1);
    expect(await page.content()).not.toContain(secret);
  });
});
