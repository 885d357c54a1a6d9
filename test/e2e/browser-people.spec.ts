import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { Browser as HttpClient } from '#test/support/browser.js';
import { launchChromium, launchPlatform, type Platform } from '#test/support/browser-platform.js';
import {
  expectAccessible,
  expectNoOverflow,
  openProfile,
  type Profile,
  signInAsOwner,
} from '#test/support/browser-page.js';
import { chromium } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';

const manifest = `apiVersion: whisperengine.ai/v1alpha1
kind: WhisperTenant
metadata: { name: acme }
spec:
  displayName: Acme Research
  owner: { email: owner@acme.example }
`;

describeWith(chromium, 'roles, groups and the directory in a real browser', (executablePath) => {
  let platform: Platform;
  let browser: Browser;
  let owner: Profile;

  beforeAll(async () => {
    [platform, browser] = await Promise.all([
      launchPlatform({ manifests: { 'acme.yaml': manifest } }),
      launchChromium(executablePath),
    ]);
    owner = await openProfile(browser);
    await signInAsOwner(owner.page, platform, 'acme');
    await owner.page.goto(`${platform.chatUrl('acme')}/admin`);
    await owner.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  const open = async (name: string): Promise<Page> => {
    await owner.page.getByRole('link', { name, exact: true }).click();
    await owner.page.getByRole('heading', { level: 1, name }).waitFor();
    return owner.page;
  };

  it('makes a role by ticking boxes, and invites somebody as it', async () => {
    const page = await open('Roles');
    await page.getByTestId('new-role').click();
    await page.getByLabel('Name', { exact: true }).fill('Helpdesk');
    await page.getByLabel('What it is for').fill('Helps people who are locked out.');
    await page.getByLabel('People: Change').check();
    expect(await page.getByLabel('People: See').isChecked()).toBe(true);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Save the role' }).click();
    await page.getByText('Helps people who are locked out.').waitFor();
    await expectAccessible(page);

    await open('People');
    await page.getByTestId('invite').click();
    await page.getByRole('textbox', { name: 'E-mail' }).fill('hal@acme.example');
    await page.getByLabel('Role', { exact: true }).selectOption({ label: 'Helpdesk' });
    await page.getByRole('button', { name: 'Make the invitation' }).click();
    await page.getByTestId('shown-once').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('cell', { name: 'Helpdesk' }).waitFor();
  });

  it('connects a directory, and gives a role to a group of it', async () => {
    const page = await open('Directory');
    await page.getByText('No token yet.').waitFor();
    await page.getByTestId('new-scim-token').click();
    await page.getByLabel('Name', { exact: true }).fill('Okta');
    await page.getByRole('button', { name: 'Make the token' }).click();
    const token = await page.getByTestId('shown-once').innerText();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    const url = await page.getByTestId('scim-url').innerText();
    const directory = (path: string, body: unknown) =>
      new HttpClient(platform.chatUrl('acme')).send('POST', `${new URL(url).pathname}${path}`, {
        body,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      });
    const user = await directory('/Users', { userName: 'ida@acme.example' });
    const members = [{ value: user.json['id'] }];
    const group = await directory('/Groups', { displayName: 'Support', members });
    expect([user.status, group.status]).toEqual([201, 201]);
    await expectAccessible(page);

    await open('Groups');
    await page.getByLabel('Role of the members of Support').selectOption({ label: 'Helpdesk' });
    await page.getByText('The change is saved.').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: '1', exact: true }).click();
    await page.getByText('Members of one group only.').waitFor();
    await page.getByText('ida@acme.example').waitFor();
    await page.getByRole('cell', { name: 'Support' }).waitFor();
    await expectAccessible(page);
  });

  it('shows the new pages on a telephone, in German and in the dark', async () => {
    const options = { viewport: { width: 390, height: 844 }, locale: 'de-DE', colorScheme: 'dark' } as const;
    const { context, page } = await openProfile(browser, options);
    await context.addCookies(await owner.context.cookies());
    for (const [path, heading] of [
      ['roles', 'Rollen'],
      ['groups', 'Gruppen'],
      ['scim', 'Verzeichnis'],
      ['people', 'Personen'],
    ] as const) {
      const { origin } = new URL(owner.page.url());
      await page.goto(`${origin}/${path}`);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      await page.getByRole('table').first().waitFor();
      await expectNoOverflow(page);
      await expectAccessible(page);
    }
  });

  it('had no fault all the while', () => {
    expect(owner.faults).toEqual([]);
  });
});
