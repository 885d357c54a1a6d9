import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, launchPlatform, type Platform } from '#test/support/browser-platform.js';
import {
  ended,
  expectAccessible,
  expectNoOverflow,
  lateAnswer,
  openProfile,
  type Profile,
  say,
  signInAsOwner,
} from '#test/support/browser-page.js';
import { chromium } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';

const secretWords = 'zebra crossing at midnight';
const password = 'a sentence nobody would guess';
const pages = ['', 'usage', 'people', 'models', 'keys', 'branding', 'audit', 'settings'];
const manifest = `apiVersion: whisperengine.ai/v1alpha1
kind: WhisperTenant
metadata: { name: acme }
spec:
  displayName: Acme Research
  owner: { email: owner@acme.example }
  branding: { primaryColor: '#0b6e4f' }
  models: { rateLimits: { rpm: 120 } }
`;

describeWith(chromium, 'the admin pages in a real browser', (executablePath) => {
  let platform: Platform;
  let browser: Browser;
  let owner: Profile;
  let member: Profile;
  let page: Page;

  beforeAll(async () => {
    [platform, browser] = await Promise.all([
      launchPlatform({ manifests: { 'acme.yaml': manifest } }),
      launchChromium(executablePath),
    ]);
    owner = await openProfile(browser, { acceptDownloads: true });
    member = await openProfile(browser);
    page = owner.page;
    await signInAsOwner(page, platform, 'acme');
    await say(page, `What is a tenant? ${secretWords}`);
    await ended(page);
    await say(page, '!error');
    await ended(page, 'failed');
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  const admin = () => new URL(page.url()).origin;
  const open = async (path: string) => {
    await page.goto(`${admin()}/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('[aria-busy=true], .animate-pulse').first().waitFor({ state: 'detached' });
  };
  const personMenu = async (item: string) => {
    await page.getByRole('button', { name: 'Actions for Mia Member' }).click();
    await page.getByRole(/^(Auditor|Member)$/.test(item) ? 'menuitemradio' : 'menuitem', { name: item }).click();
  };

  const keyMenu = async (name: string, item: string) => {
    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };

  it('are reached from the chat by /admin, signed in, on an origin of their own', async () => {
    await page.goto(`${platform.chatUrl('acme')}/admin`);
    await page.waitForURL(/\/\/admin\.acme\.localhost:\d+\/$/);

    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await page.title()).toBe('Overview · Acme Research');
  });

  it('are reached even where an answer of before the hand-over arrives after it', async () => {
    const late = await openProfile(browser, { storageState: await owner.context.storageState() });
    await late.context.clearCookies({ domain: /^admin\./ });
    await late.page.addInitScript(lateAnswer({ at: '/enter', until: '/api/handover' }));
    await late.page.goto(`${platform.chatUrl('acme')}/admin`);

    await late.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await late.context.close();
  });

  it('count what was just sent, as tiles, charts and tables', async () => {
    const tiles = page.getByTestId('tiles').getByRole('listitem');
    await tiles.first().waitFor();

    expect(await tiles.nth(0).textContent()).toMatch(/^Messages2/);
    expect(await tiles.nth(1).textContent()).toMatch(/^Active people1/);
    await page.getByRole('button', { name: 'View as table' }).first().click();
    await page.getByRole('table').first().waitFor();
    expect(await page.getByRole('table').first().textContent()).toMatch(/Day.*Messages/s);
  });

  it('hand out the same figures as CSV', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');

    expect(text.split('\n')[0]).toContain(',');
    expect(text).toMatch(/\d{4}-\d\d-\d\d/);
  });

  describe('people', () => {
    it('are invited by a link with which they choose name and password', async () => {
      await open('people');
      await page.getByTestId('invite').click();
      await page.getByLabel('E-mail', { exact: true }).fill('mia@acme.example');
      await page.getByRole('button', { name: 'Make the invitation' }).click();
      const link = (await page.getByTestId('shown-once').textContent()) ?? '';
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
      await member.page.goto(link);
      await member.page.getByLabel('Your name').fill('Mia Member');
      await member.page.getByLabel('New password', { exact: true }).fill(password);
      await member.page.getByTestId('use-link').click();

      await member.page.getByTestId('composer').waitFor();
      await member.page.getByTestId('account-menu').click();
      expect(await member.page.getByRole('menuitem', { name: 'Open admin pages' }).count()).toBe(0);
      await member.page.keyboard.press('Escape');
    });

    it('are given another role', async () => {
      await open('people');
      await personMenu('Auditor');

      await page
        .getByRole('row', { name: /Mia Member/ })
        .getByText('Auditor')
        .waitFor();
    });

    it('are out at once when they are disabled', async () => {
      await personMenu('Disable');
      await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
      await page
        .getByRole('row', { name: /Mia Member/ })
        .getByText('Disabled')
        .waitFor();

      await member.page.getByTestId('sign-in').waitFor();
      await member.page.getByLabel('E-mail').fill('mia@acme.example');
      await member.page.getByLabel('Password', { exact: true }).fill(password);
      await member.page.getByTestId('sign-in').click();
      await member.page.getByRole('alert').waitFor();
    });
  });

  it('make a key, change it, and revoke it', async () => {
    await open('keys');
    await page.getByTestId('new-key').click();
    await page.getByLabel('Name', { exact: true }).fill('Nightly report');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const apiKey = (await page.getByTestId('shown-once').textContent()) ?? '';
    await expectAccessible(page);
    const client = new OpenAI({ baseURL: platform.apiUrl, apiKey, maxRetries: 0 });
    const models = await client.models.list();
    const ask = () =>
      client.chat.completions.create({
        model: models.data[0]?.id ?? '',
        messages: [{ role: 'user', content: 'Hello' }],
      });
    const answer = await ask();
    expect(answer.choices[0]?.message.content).toContain('demo responder');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await keyMenu('Nightly report', 'Edit');
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Name', { exact: true }).fill('Daily report');
    await dialog.getByLabel('Works until').fill('');
    await dialog.getByLabel('Requests a minute').fill('1');
    const changes = dialog.getByRole('status', { name: 'What will change' });
    await changes.getByText('Name: Nightly report → Daily report').waitFor();
    await changes.getByText(/^Ends: .* → No end$/).waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/The key “Daily report” was changed\. .*Requests a minute: no limit → 1/).waitFor();
    await page.getByRole('cell', { name: '1 requests/min' }).waitFor();
    const [one, other] = await Promise.allSettled([ask(), ask()]);
    expect([one.status, other.status].sort()).toEqual(['fulfilled', 'rejected']);
    await keyMenu('Daily report', 'Revoke');
    await page.getByRole('dialog').getByRole('textbox').fill('Daily report');
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('The key “Daily report” was revoked.').waitFor();

    await expect(client.models.list()).rejects.toMatchObject({ status: 401 });
  });

  it('change the look of the chat, except where the manifest decides', async () => {
    await open('branding');
    expect(await page.getByLabel('Colour', { exact: true }).isDisabled()).toBe(true);
    await page.getByLabel('Greeting').fill('Good to see you');
    await page.getByTestId('save-bar').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const chat = await owner.context.newPage();
    await chat.goto(`${platform.chatUrl('acme')}/`);

    await chat.getByRole('heading', { name: 'Good to see you' }).waitFor();
    await chat.close();
    await open('settings');
    expect(await page.getByLabel('Requests per minute').isDisabled()).toBe(true);
  });

  it('keep a record of all that', async () => {
    await open('audit');
    const log = (await page.getByRole('table').textContent()) ?? '';

    for (const action of [
      'session.create',
      'invitation.create',
      'person.change',
      'key.create',
      'key.change',
      'key.revoke',
    ])
      expect(log).toContain(action);
    expect(log).toContain('settings.change');
  });

  it.each([
    ['at a desk, light', { width: 1280, height: 800 }, 'light'],
    ['at a desk, dark', { width: 1280, height: 800 }, 'dark'],
    ['on a phone, light', { width: 390, height: 844 }, 'light'],
    ['on a phone, dark', { width: 390, height: 844 }, 'dark'],
  ] as const)('are accessible and show nobody’s words, %s', async (_name, size, colorScheme) => {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    for (const path of pages) {
      await open(path);
      expect(await page.content()).not.toContain('zebra');
      await expectNoOverflow(page);
      await expectAccessible(page);
    }
  });

  it('never left their own origin, broke their policy or threw', () => {
    expect([...owner.faults, ...member.faults]).toEqual([]);
  });
});
