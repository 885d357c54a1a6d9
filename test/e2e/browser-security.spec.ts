import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { Authenticator } from '#test/support/authenticator.js';
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
import { until } from '#test/support/until.js';

const manifest = (name: string, more = '') => `apiVersion: whisperengine.ai/v1alpha1
kind: WhisperTenant
metadata: { name: ${name} }
spec:
  displayName: ${name} Research
  owner: { email: owner@${name}.example }
${more}`;
const password = 'a long enough password';
const stepMs = 30_000;

/** The app of somebody, who waits for the next code where the one on show was used. */
class Phone {
  private used = 0;

  constructor(private readonly app: Authenticator) {}

  /** A code that was not used; that of the next step counts already. */
  async code(): Promise<string> {
    const now = () => Math.floor(Date.now() / stepMs);
    await until(() => this.used <= now(), 2 * stepMs);
    const step = Math.max(now(), this.used + 1);
    this.used = step;
    return this.app.code(new Date(step * stepMs));
  }
}

describeWith(chromium, 'the Security page and the second step in a real browser', (executablePath) => {
  let platform: Platform;
  let browser: Browser;
  let owner: Profile;
  let phone: Phone;
  let codes: string[];

  beforeAll(async () => {
    [platform, browser] = await Promise.all([
      launchPlatform({
        manifests: {
          'acme.yaml': manifest('acme'),
          'strict.yaml': manifest('strict', '  security: { secondFactor: required }\n'),
        },
      }),
      launchChromium(executablePath),
    ]);
    owner = await openProfile(browser);
    await signInAsOwner(owner.page, platform, 'acme');
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  const openSecurity = async (page: Page) => {
    await page.getByTestId('account-menu').click();
    await page.getByRole('menuitem', { name: 'Security' }).click();
    await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor();
  };
  const section = (page: Page, name: string) =>
    page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) });
  const phoneOf = async (page: Page) => new Phone(new Authenticator(await page.getByTestId('app-secret').innerText()));
  const signOut = async (page: Page) => {
    await page.getByTestId('account-menu').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByTestId('sign-in').waitFor();
  };
  const firstStep = async (page: Page, tenant = 'acme') => {
    await page.getByLabel('E-mail').fill(`owner@${tenant}.example`);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByTestId('sign-in').click();
  };

  it('sets a password and an app up, and shows the recovery codes once', async () => {
    const { page } = owner;
    await openSecurity(page);
    await section(page, 'Password').getByRole('button', { name: 'Set a password' }).click();
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button', { name: 'Save password' }).click();
    await section(page, 'Password').getByRole('button', { name: 'Change password' }).waitFor();

    await section(page, 'Authenticator app').getByRole('button', { name: 'Set up an app' }).click();
    await page.getByTestId('qr-code').waitFor();
    await expectAccessible(page);
    phone = await phoneOf(page);
    await page.getByTestId('code').fill('000000');
    await page.getByTestId('confirm-app').click();
    await page.getByText('This code is not right.').waitFor();
    await page.getByTestId('code').fill(await phone.code());
    await page.getByTestId('confirm-app').click();
    await page.getByTestId('new-recovery-code').first().waitFor();
    codes = await page.getByTestId('new-recovery-code').allInnerTexts();
    expect(codes).toHaveLength(10);
    await expectAccessible(page);
    await page.getByTestId('codes-kept').click();
    await page.getByTestId('codes-left').getByText('10 left').waitFor();
    await expectAccessible(page);
  });

  it('asks for a code of the app at the next sign-in, which may be pasted', async () => {
    const { page } = owner;
    await signOut(page);
    await firstStep(page);
    await page.getByRole('heading', { level: 1, name: 'One more step' }).waitFor();
    await expectAccessible(page);
    const field = page.getByTestId('code');
    expect(await field.getAttribute('autocomplete')).toBe('one-time-code');
    expect(await field.getAttribute('inputmode')).toBe('numeric');
    expect(await page.evaluate('document.activeElement?.dataset.testid')).toBe('code');

    await field.fill('000000');
    await page.getByTestId('show-factor').click();
    await page.getByText('This code is not right.').waitFor();
    const code = await phone.code();
    await field.fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await page.getByTestId('show-factor').click();
    await page.getByTestId('composer').waitFor();
  });

  it('lets in by a recovery code, once, and goes back to the first step', async () => {
    const { page } = owner;
    await signOut(page);
    await firstStep(page);
    await page.getByRole('button', { name: 'Back to the start' }).click();
    await firstStep(page);
    await page.getByTestId('other-factor').click();
    await page.getByTestId('recovery-code').fill(codes[0]!.toLowerCase());
    await page.getByTestId('show-factor').click();
    await page.getByTestId('composer').waitFor();

    await openSecurity(page);
    await page.getByTestId('codes-left').getByText('9 left').waitFor();
    await section(page, 'Your sessions').getByText('recovery code').first().waitFor();
  });

  it('warns when few recovery codes are left, and makes new ones', async () => {
    const { page } = owner;
    for (const code of codes.slice(1, 7)) {
      await signOut(page);
      await firstStep(page);
      await page.getByTestId('other-factor').click();
      await page.getByTestId('recovery-code').fill(code);
      await page.getByTestId('show-factor').click();
      await page.getByTestId('composer').waitFor();
    }
    await openSecurity(page);
    await page.getByText('Only a few codes are left.').waitFor();
    await expectAccessible(page);

    await section(page, 'Recovery codes').getByRole('button', { name: 'Make new codes' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
    await page.getByTestId('new-recovery-code').first().waitFor();
    codes = await page.getByTestId('new-recovery-code').allInnerTexts();
    await page.getByTestId('codes-kept').click();
    await page.getByTestId('codes-left').getByText('10 left').waitFor();
  });

  it('asks after a one-time link, too, and ends all other sessions', async () => {
    const phoneAway = await openProfile(browser);
    const { page: away } = phoneAway;
    await away.goto(await platform.ownerLink('acme'));
    await away.getByTestId('use-link').click();
    await away.getByTestId('code').fill(await phone.code());
    await away.getByTestId('show-factor').click();
    await away.getByTestId('composer').waitFor();

    const { page } = owner;
    await page.reload();
    const sessions = section(page, 'Your sessions');
    await sessions.getByRole('button', { name: 'End all others' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End all others' }).click();
    await sessions.getByRole('button', { name: 'End session' }).waitFor({ state: 'detached' });
    await away.reload();
    await away.getByTestId('sign-in').waitFor();
    expect(phoneAway.faults).toEqual([]);
    await phoneAway.context.close();
  });

  it('has a person set an app up on the way in where everybody needs one', async () => {
    const profile = await openProfile(browser);
    const { page } = profile;
    await page.goto(await platform.ownerLink('strict'));
    await page.getByTestId('use-link').click();
    await page.getByRole('heading', { level: 1, name: 'Set up a second factor' }).waitFor();
    await expectAccessible(page);
    await page.getByTestId('enrol-app').click();
    await page.getByTestId('qr-code').waitFor();
    await expectAccessible(page);
    const own = await phoneOf(page);
    await page.getByTestId('code').fill(await own.code());
    await page.getByTestId('confirm-app').click();
    await page.getByTestId('codes-kept').click();
    await page.getByTestId('composer').waitFor();

    await openSecurity(page);
    await section(page, 'Authenticator app').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('You can replace the app, but not do without.').waitFor();
    await expectAccessible(page);
    expect(profile.faults).toEqual([]);
    await profile.context.close();
  });

  it('fits a phone, in German and in the dark, from the sheet of the sidebar', async () => {
    const narrow = await openProfile(browser, {
      viewport: { width: 390, height: 844 },
      locale: 'de-DE',
      colorScheme: 'dark',
    });
    const { page } = narrow;
    await page.goto(platform.chatUrl('acme'));
    await page.getByLabel('E-Mail').fill('owner@acme.example');
    await page.getByLabel('Passwort', { exact: true }).fill(password);
    await page.getByTestId('sign-in').click();
    await page.getByTestId('other-factor').click();
    await page.getByTestId('recovery-code').fill(codes[0]!);
    await expectNoOverflow(page);
    await expectAccessible(page);
    await page.getByTestId('show-factor').click();
    await page.getByTestId('composer').waitFor();

    await page.getByRole('button', { name: 'Seitenleiste einblenden' }).click();
    await page.getByTestId('account-menu').click();
    await page.getByRole('menuitem', { name: 'Sicherheit' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sicherheit' }).waitFor();
    await page.getByTestId('codes-left').waitFor();
    await expectNoOverflow(page);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'App ersetzen' }).click();
    await page.getByTestId('qr-code').waitFor();
    await expectNoOverflow(page);
    await expectAccessible(page);
    expect(narrow.faults).toEqual([]);
    await narrow.context.close();
  });

  it('shows admins who has a second factor, and lets them require one', async () => {
    const { page } = owner;
    await page.goto(`${platform.chatUrl('acme')}/admin`);
    await page.getByRole('link', { name: 'People', exact: true }).click();
    await page.getByRole('cell', { name: /second factor/ }).waitFor();
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await page.getByRole('switch', { name: 'Ask everybody for a second factor' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').first().waitFor();
    await expectAccessible(page);
    expect(owner.faults).toEqual([]);
  });
});
