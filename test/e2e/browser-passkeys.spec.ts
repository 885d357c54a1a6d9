import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
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
import { addVirtualAuthenticator } from '#test/support/virtual-authenticator.js';

describeWith(chromium, 'passkeys in a real browser', (executablePath) => {
  let platform: Platform;
  let browser: Browser;
  let owner: Profile;
  let authenticator: Awaited<ReturnType<typeof addVirtualAuthenticator>>;

  beforeAll(async () => {
    [platform, browser] = await Promise.all([launchPlatform(), launchChromium(executablePath)]);
    owner = await openProfile(browser);
    authenticator = await addVirtualAuthenticator(owner.page);
    await signInAsOwner(owner.page, platform, 'acme');
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  const signOut = async () => {
    const { page } = owner;
    await page.goto(platform.chatUrl('acme'));
    await page.getByTestId('account-menu').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  };

  it('is made on the own page, and named', async () => {
    const { page } = owner;
    await page.goto(`${platform.chatUrl('acme')}/account/sessions`);
    await page.getByTestId('add-passkey').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Test laptop');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Continue' }).click();

    await page.getByText('The passkey was added.').waitFor();
    await page.getByText('Test laptop').waitFor();
    await expectAccessible(page);
  });

  it('is refused by the device that has one already', async () => {
    const { page } = owner;
    await page.getByTestId('add-passkey').click();
    await page.getByRole('button', { name: 'Continue' }).click();

    await page.getByRole('alert').filter({ hasText: 'has a passkey for your account already' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  it('signs its owner in, without a name or a password', async () => {
    const { page } = owner;
    await signOut();
    await expectAccessible(page);
    await page.getByTestId('passkey-sign-in').click();

    await page.getByTestId('composer').waitFor();
  });

  it('leaves at the door whom it could not make sure of', async () => {
    const { page } = owner;
    await signOut();
    await authenticator.setUserVerified(false);
    await page.getByTestId('passkey-sign-in').click();

    await page.getByRole('alert').filter({ hasText: 'No passkey was chosen.' }).waitFor();
    await authenticator.setUserVerified(true);
    await page.getByTestId('passkey-sign-in').click();
    await page.getByTestId('composer').waitFor();
  });

  it('is renamed and removed; then the door stays closed', async () => {
    const { page } = owner;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${platform.chatUrl('acme')}/account/sessions`);
    await page.getByRole('button', { name: 'Rename' }).click();
    await page
      .getByRole('textbox', { name: 'Name' })
      .fill('A rather long name of a passkey, which has to wrap somewhere');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('which has to wrap').waitFor();
    await expectNoOverflow(page);
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('A rather long name').first().waitFor({ state: 'detached' });
    await page.setViewportSize({ width: 1280, height: 800 });

    await signOut();
    await page.getByTestId('passkey-sign-in').click();
    await page.getByRole('alert').filter({ hasText: 'The passkey was not accepted.' }).waitFor();
    expect(owner.faults).toEqual([]);
  });
});
