import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

const password = 'a sentence nobody would guess';
const phone = { width: 390, height: 844 };
const desk = { width: 1280, height: 800 };

describeWith(chromium, 'the chat in a real browser', (executablePath) => {
  let platform: Platform;
  let browser: Browser;
  let owner: Profile;
  let page: Page;

  beforeAll(async () => {
    [platform, browser] = await Promise.all([launchPlatform(), launchChromium(executablePath)]);
    owner = await openProfile(browser);
    page = owner.page;
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  const home = () => platform.chatUrl('acme');
  const fresh = async (where: Page = page) => {
    await where.goto(`${home()}/`);
    await where.getByTestId('composer').waitFor();
  };
  const menu = async (item: string) => {
    await page.getByTestId('account-menu').click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const threadMenu = async (title: string, item: string) => {
    await page.getByRole('button', { name: `Actions for “${title}”` }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  const threads = () => page.getByTestId('thread-list').getByRole('link');

  it('shows the name and the colour of the organisation without any script', async () => {
    const { context, page: plain } = await openProfile(browser, { javaScriptEnabled: false });
    await plain.goto(`${home()}/`);

    expect(await plain.title()).toBe('Acme Research');
    expect(await plain.content()).toContain('--brand:#0b6e4f');
    await context.close();
  });

  it('lets the owner in by a one-time link, which then is used up', async () => {
    const link = await platform.ownerLink('acme');
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in as owner@acme.example' }).waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await page.getByTestId('use-link').click();

    await page.getByRole('heading', { name: 'What are we finding out today?' }).waitFor();
    const again = await openProfile(browser);
    await again.page.goto(link);
    await again.page.getByRole('alert').waitFor();
    expect(again.faults).toEqual([]);
    await again.context.close();
  });

  it('lets in even where an answer of before the sign-in arrives after it', async () => {
    const late = await openProfile(browser);
    await late.page.addInitScript(lateAnswer({ at: '/link', until: '/api/links/use' }));
    await late.page.goto(await platform.ownerLink('acme'));
    await late.page.getByTestId('use-link').click();

    await late.page.getByTestId('composer').waitFor();
    await late.page.waitForTimeout(500);
    expect(await late.page.getByTestId('composer').isVisible()).toBe(true);
    await late.context.close();
  });

  describe('a conversation', () => {
    it('shows the own message at once, then the answer with its Markdown, and says that it is a demo', async () => {
      await fresh();
      await page.getByTestId('composer').fill('What is Whisper?');
      const before = performance.now();
      await page.getByTestId('composer').press('Enter');
      await page.getByText('What is Whisper?').first().waitFor();
      expect(performance.now() - before).toBeLessThan(1_000);

      const answer = await ended(page);
      expect(await answer.getByRole('table').isVisible()).toBe(true);
      expect(await answer.locator('pre').textContent()).toContain('apiVersion: whisperengine.ai/v1alpha1');
      expect(await answer.getByTestId('demo-label').textContent()).toBe('Demo model – no AI connected');
      expect(await page.title()).toBe('What is Whisper? · Acme Research');
    });

    it('streams, and keeps what was written when it is stopped', async () => {
      await say(page, '!slow');
      const answer = page.getByTestId('answer').last();
      await page.locator('[data-testid=answer][data-status=running]').getByText('This is').waitFor();
      const early = (await answer.textContent()) ?? '';
      await page.getByTestId('stop').click();

      await ended(page, 'stopped');
      expect(await answer.textContent()).toContain('You stopped this answer.');
      expect(early).toContain('This is');
      expect((await answer.textContent())?.length).toBeLessThan(600);
    });

    it('goes on with a stopped answer in place, and never takes its text away', async () => {
      const answer = page.getByTestId('answer').last();
      const kept = (await answer.locator('p').first().textContent())?.slice(0, 8) ?? '';
      await page.evaluate(`window.__gone = 0; window.__watch = new MutationObserver(() => {
        const last = [...document.querySelectorAll('[data-testid=answer]')].at(-1);
        if (!last.textContent.includes(${JSON.stringify(kept)})) window.__gone += 1;
      }); __watch.observe(document.body, { subtree: true, childList: true, characterData: true });`);
      await answer.getByRole('button', { name: 'Continue' }).click();
      await page.locator('[data-testid=answer][data-status=running]').waitFor();
      await answer.getByText('Went on where it had stopped.').waitFor();
      await page.getByTestId('stop').click();

      await ended(page, 'stopped');
      expect(kept).toContain('This is');
      expect(await page.evaluate('__watch.disconnect(), window.__gone')).toBe(0);
    });

    it('writes an answer anew and shows which version is on screen', async () => {
      await fresh();
      await say(page, 'How do I make an api key?');
      const answer = await ended(page);
      await answer.getByRole('button', { name: 'Write the answer anew' }).click();
      await page.getByText('Version 2 of 2').waitFor({ state: 'attached' });
      await ended(page);

      await answer.getByRole('button', { name: 'Version before' }).click();
      await page.getByText('Version 1 of 2').waitFor({ state: 'attached' });
    });

    it('edits a message into a branch and leads back', async () => {
      const message = page.getByTestId('user-message').first();
      await message.hover();
      await message.getByRole('button', { name: 'Edit' }).click();
      const field = page.getByLabel('Edit the message');
      await page.waitForFunction(`document.activeElement?.getAttribute('aria-label') === 'Edit the message'`);
      await field.fill('What is a tenant?');
      await page.getByRole('button', { name: 'Send' }).first().click();
      await page.getByText('What is a tenant?').first().waitFor();
      const answer = await ended(page);
      expect(await answer.textContent()).toContain('Each organisation is one');

      await message.hover();
      await message.getByRole('button', { name: 'Version before' }).click();
      await page.getByTestId('user-message').getByText('How do I make an api key?').waitFor();
    });

    it('takes thumbs, up or down, and keeps them', async () => {
      await page.getByRole('button', { name: 'Good answer' }).last().click();
      await page.locator('[aria-label="Good answer"][aria-pressed=true]').waitFor();
      await page.reload();
      await page.locator('[aria-label="Good answer"][aria-pressed=true]').waitFor();
      await page.getByRole('button', { name: 'Bad answer' }).last().click();
      await page.getByLabel('Comment (optional)').fill('Too short');
      await page.getByRole('button', { name: 'Send comment' }).click();

      await page.locator('[aria-label="Bad answer"][aria-pressed=true]').waitFor();
    });

    it('tells model, time, tokens and cost of an answer', async () => {
      await page.getByRole('button', { name: 'About this answer' }).last().click();

      const info = page.getByRole('dialog');
      await info.waitFor();
      expect(await info.textContent()).toMatch(/Demo model.*Tokens out.*\d/s);
      await page.keyboard.press('Escape');
    });

    it('says what failed, and offers to try again', async () => {
      await fresh();
      await say(page, '!error');
      await ended(page, 'failed');

      expect(await page.getByTestId('answer-error').textContent()).toMatch(/\w+.*Try again/s);
    });

    it('offers a model and remembers the choice', async () => {
      await page.getByTestId('model-picker').click();
      const choice = page.getByRole('menuitemradio', { name: 'Demo model' });
      await choice.waitFor();
      expect(await choice.getAttribute('aria-checked')).toBe('true');
      await page.keyboard.press('Escape');
    });

    it('keeps a draft over a reload and a change of conversation', async () => {
      await page.getByTestId('composer').fill('not sent yet');
      await page.reload();
      expect(await page.getByTestId('composer').inputValue()).toBe('not sent yet');
      await page.getByTestId('new-chat').click();
      await page.getByRole('heading', { name: 'What are we finding out today?' }).waitFor();
      expect(await page.getByTestId('composer').inputValue()).toBe('');
      await page.goBack();
      await page.getByTestId('answer').first().waitFor();

      expect(await page.getByTestId('composer').inputValue()).toBe('not sent yet');
      await page.getByTestId('composer').fill('');
    });
  });

  describe('the list of conversations', () => {
    it('renames in place, with the cursor in the field', async () => {
      await threadMenu('!error', 'Rename');
      const field = page.getByLabel('New title');
      await field.waitFor();
      await page.waitForFunction(`document.activeElement?.getAttribute('aria-label') === 'New title'`);
      await page.keyboard.type('A failure');
      await page.keyboard.press('Enter');

      await threads().filter({ hasText: 'A failure' }).waitFor();
      await page.waitForFunction(`document.title === 'A failure · Acme Research'`);
    });

    it('pins to the top', async () => {
      await threadMenu('A failure', 'Pin');

      await page.getByRole('region', { name: 'Pinned' }).getByText('A failure').waitFor();
    });

    it('deletes, and takes that back', async () => {
      await threadMenu('A failure', 'Delete');
      await page.getByText('“A failure” was deleted').waitFor();
      expect(await threads().filter({ hasText: 'A failure' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Undo' }).click();

      await threads().filter({ hasText: 'A failure' }).waitFor();
    });

    it('finds a conversation from the palette', async () => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('what is whis');
      await page.getByRole('option', { name: /What is Whisper/ }).waitFor();
      await page.keyboard.press('Enter');

      await page.waitForURL(/\/c\//);
      await page.getByRole('heading', { level: 1, name: 'What is Whisper?' }).waitFor();
    });
  });

  it('is worked by the keyboard alone', async () => {
    await fresh();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('New chat');
    await page.keyboard.press('Enter');
    await page.getByTestId('palette').waitFor({ state: 'detached' });
    await page.getByTestId('composer').focus();
    await page.keyboard.type('first line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second line');
    await page.keyboard.press('Enter');
    await ended(page);
    expect(await page.getByTestId('user-message').textContent()).toContain('first line\nsecond line');
    // From the composer backwards: everything on the newest answer is within reach, and seen.
    await page.keyboard.press('Shift+Tab');
    const focused = await page.evaluate(
      `[document.activeElement.getAttribute('aria-label') ?? '', getComputedStyle(document.activeElement).outlineStyle].join(' ')`,
    );
    expect(focused).toMatch(/\w+ solid/);
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('?');

    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('speaks German, and remembers that', async () => {
    await page.getByTestId('account-menu').click();
    await page.getByRole('menuitemradio', { name: 'Deutsch' }).click();
    await page.getByText('Neuer Chat').first().waitFor();
    await page.keyboard.press('Escape');
    await page.reload();
    await page.getByText('Neuer Chat').first().waitFor();

    expect(await page.evaluate('document.documentElement.lang')).toBe('de');
    await page.evaluate(`localStorage.removeItem('whisper.language')`);
    await fresh();
  });

  it('is dark from the first paint when dark was chosen', async () => {
    await page.getByTestId('account-menu').click();
    await page.getByRole('menuitemradio', { name: 'Dark', exact: true }).click();
    await page.keyboard.press('Escape');
    const background = `getComputedStyle(document.documentElement).backgroundColor`;
    const chosen = await page.evaluate(background);
    const paints: unknown[] = [];
    await page.exposeFunction('tellPaint', (colour: unknown) => paints.push(colour));
    await page.addInitScript(
      `requestAnimationFrame(() => document.documentElement && tellPaint(${background}));
       addEventListener('DOMContentLoaded', () => tellPaint(${background}));`,
    );
    await fresh();

    expect(chosen).toBe('rgb(23, 23, 24)');
    expect(paints.at(-1)).toBe(chosen);
    expect(await page.evaluate(`document.documentElement.dataset.theme`)).toBe('dark');
    await page.evaluate(`localStorage.removeItem('whisper.theme')`);
  });

  it('reads from right to left without breaking the page', async () => {
    for (const size of [desk, phone]) {
      await page.setViewportSize(size);
      await fresh();
      await page.evaluate(`document.documentElement.dir = 'rtl'`);
      await expectNoOverflow(page);
      const where = await page.getByTestId('send').boundingBox();
      expect(where?.x).toBeLessThan(size.width / 2);
    }
    await page.setViewportSize(desk);
  });

  describe.each([
    ['at a desk, light', desk, 'light'],
    ['at a desk, dark', desk, 'dark'],
    ['on a phone, light', phone, 'light'],
    ['on a phone, dark', phone, 'dark'],
  ] as const)('%s', (_name, viewport, colorScheme) => {
    let guest: Profile;
    let member: Page;
    let visitor: Page;

    beforeAll(async () => {
      guest = await openProfile(browser, { viewport, colorScheme });
      visitor = guest.page;
      const signedIn = await openProfile(browser, {
        viewport,
        colorScheme,
        storageState: await owner.context.storageState(),
      });
      member = signedIn.page;
    });
    afterAll(async () => {
      await guest.context.close();
      await member.context().close();
    });
    const check = async (where: Page) => {
      await expectNoOverflow(where);
      await expectAccessible(where);
    };
    const sidebar = async () => {
      if (viewport === phone) await member.getByRole('button', { name: 'Show sidebar' }).click();
    };

    it('has an accessible sign-in and link page', async () => {
      await visitor.goto(`${home()}/sign-in`);
      await visitor.getByTestId('sign-in').waitFor();
      await check(visitor);
      await visitor.goto(`${home()}/link`);
      await visitor.getByText('This address is only part of a link.').waitFor();
      await check(visitor);
      await visitor.goto(await platform.ownerLink('acme'));
      await visitor.getByTestId('use-link').waitFor();
      await check(visitor);
    });

    it('has an accessible start, conversation, error and running answer', async () => {
      await fresh(member);
      await check(member);
      await say(member, 'What is Whisper?');
      await ended(member);
      await check(member);
      await say(member, '!error');
      await ended(member, 'failed');
      await check(member);
      await say(member, '!slow');
      await member.locator('[data-testid=answer][data-status=running]').getByText('This is').waitFor();
      await check(member);
      await member.getByTestId('stop').click();
      await ended(member, 'stopped');
    });

    it('has accessible menus, popovers, dialogs and palette', async () => {
      await member.getByRole('button', { name: 'About this answer' }).last().click();
      await member.getByRole('dialog').waitFor();
      await check(member);
      await member.keyboard.press('Escape');
      await sidebar();
      await member.getByTestId('account-menu').waitFor();
      await check(member);
      await member.getByTestId('account-menu').click();
      await member.getByRole('menu').waitFor();
      await check(member);
      await member.getByRole('menuitem', { name: 'Security' }).click();
      await member.getByRole('heading', { level: 1, name: 'Security' }).waitFor();
      await member.getByRole('button', { name: /password/ }).click();
      await member.getByRole('dialog').last().waitFor();
      await check(member);
      await fresh(member);
      await member.keyboard.press('Control+k');
      await member.getByRole('option').first().waitFor();
      await check(member);
    });

    it('has an accessible Security page and a page for what is not there', async () => {
      await member.goto(`${home()}/account/security`);
      await member.getByText('This one').waitFor();
      await check(member);
      await member.goto(`${home()}/c/00000000-0000-4000-8000-000000000000`);
      await member.getByRole('heading', { name: 'There is nothing here' }).waitFor();
      await check(member);
      expect([...guest.faults]).toEqual([]);
    });
  });

  describe('leaving and coming back', () => {
    it('has a title for each page', async () => {
      await page.goto(`${home()}/account/security`);
      await page.getByText('This one').waitFor();
      expect(await page.title()).toBe('Security · Acme Research');
      await page.goto(`${home()}/nowhere`);
      await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
      expect(await page.title()).toBe('There is nothing here · Acme Research');
    });

    it('sets a password, signs out, and signs in with it', async () => {
      // A first password takes a fresh proof of who one is.
      await signInAsOwner(page, platform, 'acme');
      await menu('Security');
      await page.getByRole('button', { name: 'Set a password' }).click();
      await page.getByLabel('New password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Save password' }).click();
      await page.getByText('The password was changed.').waitFor();
      await menu('Sign out');
      await page.getByTestId('sign-in').waitFor();
      expect(await page.title()).toBe('Sign in · Acme Research');
      await page.getByLabel('E-mail').fill('owner@acme.example');
      await page.getByLabel('Password', { exact: true }).fill('not the password at all');
      await page.getByTestId('sign-in').click();
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByTestId('sign-in').click();

      await page.getByTestId('composer').waitFor();
    });

    it('is a stranger at another organisation', async () => {
      await page.goto(`${platform.chatUrl('globex')}/`);

      await page.getByTestId('sign-in').waitFor();
      expect(await page.title()).toMatch(/Globex/);
    });
  });

  it('never left its own origin, broke its policy or threw', () => {
    expect(owner.faults).toEqual([]);
  });
});
