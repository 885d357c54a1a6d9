import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { pause } from '#libs/kernel/abort.js';
import {
  expectAccessible,
  expectNoOverflow,
  openProfile,
  type Profile,
  signInAsOwner,
} from '#test/support/browser-page.js';
import { launchChromium, launchPlatform, type Platform } from '#test/support/browser-platform.js';
import { chromium } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { startOidcIdp, type TestIdp } from '#test/support/oidc-idp.js';
import { freshDatabaseUrl } from '#test/support/test-database.js';
import { addVirtualAuthenticator } from '#test/support/virtual-authenticator.js';

const password = 'a long enough password';
const secret = 'client secret of the test';
const sub = 'ann';
/** Longest that a replica answers from memory, in ms. */
const rememberedMs = 4_100;

const manifest = (issuer: string) => `apiVersion: whisperengine.ai/v1alpha1
kind: WhisperTenant
metadata: { name: acme }
spec:
  displayName: Acme Research
  owner: { email: owner@acme.example }
  sso:
    type: oidc
    oidc: { issuer: ${issuer}, clientId: whisper, clientSecretRef: { name: idp }, scopes: [openid, email, profile, groups] }
    groupRoleMap: [{ group: it, role: admin }]
`;

describeWith(chromium, 'confirming who one is in a real browser', (executablePath) => {
  let platform: Platform;
  let browser: Browser;
  let idp: TestIdp;
  let database: pg.Client;
  let owner: Profile;

  beforeAll(async () => {
    const url = await freshDatabaseUrl();
    idp = await startOidcIdp();
    [platform, browser] = await Promise.all([
      launchPlatform({
        manifests: { 'acme.yaml': manifest(idp.issuer) },
        secrets: { 'acme/idp/value': secret },
        env: { DATABASE_URL: url },
      }),
      launchChromium(executablePath),
    ]);
    const redirectUris = [`${platform.chatUrl('acme')}/api/sign-in/oidc/callback`];
    idp.serve([{ clientId: 'whisper', secret, redirectUris }]);
    idp.accounts.set(sub, { sub, email: 'ann@acme.example', emailVerified: true, name: 'Ann Idp', groups: ['it'] });
    database = new pg.Client({ connectionString: url });
    await database.connect();
  });
  afterAll(async () => {
    await database.end();
    await browser.close();
    await platform.stop();
    await idp.close();
  });
  beforeEach(async () => {
    owner = await openProfile(browser);
  });
  afterEach(async () => {
    expect(owner.faults).toEqual([]);
    await owner.context.close();
  });

  /** Nobody has proven who they are for six minutes. */
  const age = async () => {
    const { rows } = await database.query<{ name: string }>('select schema_name as name from whisper_control.tenant');
    await database.query(`update ${rows[0]?.name ?? ''}.session set authenticated_at = now() - interval '6 minutes'`);
    await pause(rememberedMs);
  };
  const openKeys = async (page: Page) => {
    await page.goto(`${platform.chatUrl('acme')}/admin`);
    await page.getByRole('link', { name: 'Keys', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
  };
  const describeKey = async (page: Page, name: string) => {
    await page.getByTestId('new-key').click();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Make the key' }).click();
  };
  const check = (page: Page) => page.getByRole('dialog', { name: 'Confirm that it is you' });
  const signIn = async (page: Page) => {
    await signInAsOwner(page, platform, 'acme');
    const status = await page.evaluate(async (next) => {
      const headers = { 'x-whisper-request': '1', 'content-type': 'application/json' };
      const body = JSON.stringify({ password: next, current: next });
      return (await fetch('/api/me/password', { method: 'PUT', headers, body })).status;
    }, password);
    expect(status).toBe(204);
  };

  it('makes a key after more than five minutes: asks for the password, then goes on by itself', async () => {
    const { page } = owner;
    await signIn(page);
    await openKeys(page);
    await age();

    await describeKey(page, 'Late key');
    await check(page).waitFor();
    expect(
      await check(page)
        .getByLabel('Your password')
        .evaluate((field) => field === document.activeElement),
    ).toBe(true);
    await expectAccessible(page);
    await page.keyboard.type('not this password');
    await page.keyboard.press('Enter');
    await check(page).getByText('This password was not accepted.').waitFor();
    await expectAccessible(page);
    await check(page).getByLabel('Your password').fill(password);
    await page.keyboard.press('Enter');

    await page.getByTestId('shown-once').waitFor();
  });

  it('leaves the form as it was when the person would rather not', async () => {
    const { page } = owner;
    await signIn(page);
    await openKeys(page);
    await age();
    await describeKey(page, 'Kept words');
    await check(page).waitFor();

    await page.keyboard.press('Escape');

    await check(page).waitFor({ state: 'detached' });
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Kept words');
    await page.getByText('Nothing was changed.').waitFor();
    await page.getByRole('button', { name: 'Make the key' }).click();
    await check(page).waitFor();
  });

  it('shortens sessions on the settings page, and asks only for that', async () => {
    const { page } = owner;
    await signIn(page);
    await openKeys(page);
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    const field = page.getByLabel('Chat: minutes without use');
    await field.waitFor();
    expect(await field.getAttribute('placeholder')).toBe('10080');
    await age();
    await page.getByLabel('Requests per minute').fill('60');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved', { exact: true }).waitFor();

    await field.fill('600');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await check(page).getByLabel('Your password').fill(password);
    await page.getByTestId('confirm-identity').click();

    await check(page).waitFor({ state: 'detached' });
    await page.getByTestId('save-bar').waitFor({ state: 'detached' });
    await page.reload();
    await field.waitFor();
    expect(await field.inputValue()).toBe('600');
    await expectAccessible(page);
  });

  it('keeps the socket of the chat, and whatever runs there', async () => {
    const { page } = owner;
    await signIn(page);
    await page.goto(platform.chatUrl('acme'));
    const closed: number[] = [];
    const opened = page.waitForEvent('websocket');
    page.on('websocket', (socket) => socket.on('close', () => closed.push(Date.now())));
    await page.reload();
    await opened;
    await page.getByTestId('composer').waitFor();
    const again = page.waitForEvent('websocket');
    const status = await page.evaluate(async (secretWord) => {
      const headers = { 'x-whisper-request': '1', 'content-type': 'application/json' };
      const body = JSON.stringify({ kind: 'password', password: secretWord });
      return (await fetch('/api/session/confirm', { method: 'POST', headers, body })).status;
    }, password);

    expect(status).toBe(200);
    await again;
    await page.getByTestId('composer').fill('Still here');
    await page.keyboard.press('Enter');
    await page.getByText('Still here').first().waitFor();
    await page.waitForURL(/\/c\//);
    expect(await page.getByRole('heading', { name: /sign in/i }).count()).toBe(0);
  });

  it('goes to the identity provider and comes back to the page it left', async () => {
    const { page } = owner;
    const atProvider = async () => {
      await page.getByRole('button', { name: 'Ann Idp' }).click();
    };
    await page.goto(platform.chatUrl('acme'));
    await page.getByTestId('sign-in-sso').click();
    await atProvider();
    await page.getByTestId('composer').waitFor();
    await openKeys(page);
    await age();
    await describeKey(page, 'By provider');
    await check(page).getByText('You leave this page for it and come back afterwards.', { exact: false }).waitFor();
    await expectAccessible(page);

    await page.getByTestId('confirm-at-provider').click();
    await atProvider();
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
    await describeKey(page, 'By provider');

    await page.getByTestId('shown-once').waitFor();
  });

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)('is readable in German, %s, at %d pixels', async (colorScheme, width) => {
    const options = { viewport: { width, height: 800 }, locale: 'de-DE', colorScheme } as const;
    await signIn(owner.page);
    await openKeys(owner.page);
    const { context, page } = await openProfile(browser, options);
    await context.addCookies(await owner.context.cookies());
    await page.goto(`${new URL(owner.page.url()).origin}/keys`);
    await age();
    await page.getByTestId('new-key').click();
    await page.getByLabel('Name', { exact: true }).fill('Schlüssel');
    await page.getByRole('button', { name: 'Schlüssel erstellen' }).click();
    await page.getByRole('dialog', { name: 'Bestätigen Sie, dass Sie es sind' }).waitFor();

    await expectAccessible(page);
    await expectNoOverflow(page);
    await context.close();
  });

  // The last one: from here on the owner has a passkey.
  it('takes a passkey of the chat on the admin pages, and no password beside it', async () => {
    const { page } = owner;
    await addVirtualAuthenticator(page);
    await signIn(page);
    await page.goto(`${platform.chatUrl('acme')}/account/security`);
    await page.getByTestId('add-passkey').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByTestId('codes-kept').click();
    await openKeys(page);
    await age();

    await describeKey(page, 'Key by passkey');
    await check(page).getByTestId('confirm-passkey').waitFor();
    expect(await check(page).getByLabel('Your password').count()).toBe(0);
    await expectAccessible(page);
    await page.getByTestId('confirm-passkey').click();

    await page.getByTestId('shown-once').waitFor();
  });
});
