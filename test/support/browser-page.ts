import { AxeBuilder } from '@axe-core/playwright';
import { expect } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Platform } from './browser-platform.js';

/** Levels of WCAG that every page must keep. */
const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** A browser profile of one person, and everything in it that should never happen. */
export interface Profile {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Requests that left this machine's own hosts, policy violations and errors of scripts. */
  readonly faults: string[];
}

/** Reports violations of the policy where the console does. */
const reportViolations = `addEventListener('securitypolicyviolation', (event) =>
  console.error('policy violation: ' + event.violatedDirective + ' ' + event.blockedURI));`;

/** A fresh profile, as a new device would be. */
export async function openProfile(browser: Browser, options: BrowserContextOptions = {}): Promise<Profile> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(8_000);
  await context.addInitScript(reportViolations);
  const faults: string[] = [];
  context.on('request', (request) => {
    const url = new URL(request.url());
    const isOurs = url.hostname.endsWith('.localhost') || url.hostname === '127.0.0.1';
    if (/^(https?|wss?):$/.test(url.protocol) && !isOurs) faults.push(`left the machine: ${url.href}`);
  });
  context.on('console', (message) => {
    const isNetwork = message.text().startsWith('Failed to load resource') || message.text().includes('WebSocket');
    if (message.type() === 'error' && !isNetwork) faults.push(message.text());
  });
  context.on('weberror', (error) => faults.push(String(error.error())));
  return { context, page: await context.newPage(), faults };
}

/** Signs the owner of a tenant in by a one-time link. */
export async function signInAsOwner(page: Page, platform: Platform, tenant: string): Promise<void> {
  await page.goto(await platform.ownerLink(tenant));
  await page.getByTestId('use-link').click();
  await page.getByTestId('composer').waitFor();
}

/**
 * A script that holds back what the server says of the caller at path `at` until the call `until` is answered,
 * as a slow network may.
 */
export function lateAnswer({ at, until }: { readonly at: string; readonly until: string }): string {
  return `{
    const ask = window.fetch;
    let tell;
    const answered = new Promise((resolve) => (tell = resolve));
    window.fetch = async (input, options) => {
      const waits = location.pathname === '${at}' && String(input) === '/api/me';
      const reply = await ask(input, options);
      if (String(input) === '${until}') tell();
      if (waits) await answered.then(() => new Promise((resolve) => setTimeout(resolve, 200)));
      return reply;
    };
  }`;
}

/** Sends a message, without waiting for anything. */
export async function say(page: Page, words: string): Promise<void> {
  await page.getByTestId('composer').fill(words);
  await page.getByTestId('composer').press('Enter');
}

/** The newest answer, once it has ended with `status`. */
export async function ended(page: Page, status = 'complete') {
  const answer = page.getByTestId('answer').last();
  await page.locator(`[data-testid=answer]:last-of-type[data-status=${status}]`).last().waitFor();
  await page.getByTestId('send').waitFor();
  return answer;
}

/** Fails with every violation on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  // Colours are judged as they come to rest.
  await page.evaluate(
    `Promise.all(document.getAnimations().filter((each) => each.effect.getComputedTiming().iterations === 1).map((each) => each.finished.catch(() => 0)))`,
  );
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(levels).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n  ')}`)).toEqual([]);
}

/** Fails where the page is wider than its window. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const wider = await page.evaluate('document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth');
  expect(wider).toBe(0);
}
