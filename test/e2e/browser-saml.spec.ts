import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchChromium, launchPlatform, type Platform } from '#test/support/browser-platform.js';
import { expectAccessible, openProfile } from '#test/support/browser-page.js';
import { chromium } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { SamlIdp } from '#test/support/saml-idp.js';

function manifest(name: string, sso: string): string {
  return `apiVersion: whisperengine.ai/v1alpha1
kind: WhisperTenant
metadata: { name: ${name} }
spec:
  displayName: ${name} Research
  owner: { email: owner@${name}.example }
${sso}`;
}

describeWith(chromium, 'signing in by SAML in a real browser', (executablePath) => {
  let idp: SamlIdp;
  let platform: Platform;
  let browser: Browser;

  beforeAll(async () => {
    idp = await SamlIdp.start();
    const sso = `  sso: { type: saml, saml: { metadataUrl: '${idp.url}/metadata' }, groupRoleMap: [{ group: it, role: admin }] }\n`;
    [platform, browser] = await Promise.all([
      launchPlatform({
        manifests: { 'acme.yaml': manifest('acme', sso), 'globex.yaml': manifest('globex', '') },
        // The provider of the test is on this very machine, which a tenant may not name on an address of its own.
        env: { WHISPER_TENANT_ADDRESSES: 'any' },
      }),
      launchChromium(executablePath),
    ]);
    idp.person = {
      nameId: 'ida@acme.example',
      attributes: { name: ['Ida Admin'], email: ['ida@acme.example'], groups: ['it'] },
    };
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await idp.close();
  });

  const enter = async (tenant: string) => {
    const profile = await openProfile(browser);
    await profile.page.goto(`${platform.chatUrl(tenant)}/`);
    await profile.page.getByTestId('sign-in-sso').click();
    await profile.page.getByRole('button', { name: 'Sign in as Ada' }).click();
    return profile;
  };

  it('comes back from the form of another site, into the chat', async () => {
    const { page, context, faults } = await enter('acme');

    await page.getByTestId('composer').waitFor();
    await page.getByTestId('account-menu').click();
    await page.getByText('Ida Admin').first().waitFor();

    expect(await page.getByRole('menuitem', { name: 'Open admin pages' }).count()).toBe(1);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('tells a person who is refused no more than a request id', async () => {
    const key = idp.key;
    await idp.rotate({ overlap: true });
    idp.published = [key];
    const { page, context } = await enter('acme');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    idp.key = key;

    expect(await alert.textContent()).toMatch(/did not confirm you\..*Request id.*[\w-]{8}/is);
    await expectAccessible(page);
    await context.close();
  });

  it('takes an admin with a metadata address from nothing to a working sign-in', async () => {
    const { page } = await openProfile(browser);
    await page.goto(await platform.ownerLink('globex'));
    await page.getByTestId('use-link').click();
    await page.getByTestId('composer').waitFor();
    await page.goto(`${platform.chatUrl('globex')}/admin`);
    await page.getByRole('link', { name: 'Sign-in' }).click();
    await page.getByLabel('Kind', { exact: true }).selectOption('saml');
    await page.getByText(`${platform.chatUrl('globex')}/api/sign-in/saml/acs`).waitFor();
    await page.getByLabel('Metadata address').fill(`${idp.url}/nothing`);
    await page.getByTestId('sso-check').click();
    await page.getByText('metadata_unreachable').waitFor();
    await page.getByLabel('Metadata address').fill(`${idp.url}/metadata`);
    await page.getByTestId('sso-check').click();
    await page.getByText(`describes ${idp.entityId}`).waitFor();
    await expectAccessible(page);

    const opened = page.waitForEvent('popup');
    await page.getByTestId('sso-test').click();
    const tab = await opened;
    await tab.getByRole('button', { name: 'Sign in as Ada' }).click();
    await tab.getByRole('heading', { name: 'The test is done' }).waitFor();
    await tab.close();
    await page.getByTestId('sso-test-result').getByText('The sign-in would succeed').waitFor();
    await page.getByTestId('sso-save').click();
    await page.getByText('In force', { exact: true }).waitFor();

    const other = await enter('globex');
    await other.page.getByTestId('composer').waitFor();

    const keys = page.getByTestId('saml-keys');
    await page.reload();
    await page.getByTestId('saml-key-step').click();
    await keys.getByText('Next, published').waitFor();
    await expectAccessible(page);
    await page.getByTestId('saml-key-step').click();
    await keys.getByText('Next, published').waitFor({ state: 'detached' });
  });
});
