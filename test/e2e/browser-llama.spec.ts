import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { ended, openProfile, say, signInAsOwner } from '#test/support/browser-page.js';
import { launchChromium, launchPlatform, type Platform } from '#test/support/browser-platform.js';
import { chromium, llama } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { type LlamaEngine, startLlama } from '#test/support/llama-engine.js';

function manifests(url: string): string {
  return `apiVersion: whisperengine.ai/v1alpha1
kind: WhisperTenant
metadata: { name: acme }
spec:
  displayName: Acme Research
  owner: { email: owner@acme.example }
  models: { backends: [{ ref: engine }] }
---
apiVersion: whisperengine.ai/v1alpha1
kind: ModelBackend
metadata: { name: engine }
spec: { provider: openai, url: "${url}" }
`;
}

describeWith(llama, 'a real inference engine', (folder) => {
  describeWith(chromium, 'in the chat of a real browser', (executablePath) => {
    let engine: LlamaEngine;
    let platform: Platform;
    let browser: Browser;

    beforeAll(async () => {
      engine = await startLlama(folder);
      [platform, browser] = await Promise.all([
        launchPlatform({ manifests: { 'acme.yaml': manifests(engine.url) } }),
        launchChromium(executablePath),
      ]);
    });
    afterAll(async () => {
      await browser.close();
      await platform.stop();
      await engine.stop();
    });

    it('answers with its own words, and is no demo', async () => {
      const { page, faults } = await openProfile(browser);
      await signInAsOwner(page, platform, 'acme');

      await say(page, 'tell me.');
      const answer = await ended(page);

      expect(await answer.textContent()).toMatch(/[a-z]{3}/);
      expect(await page.getByTestId('demo-label').count()).toBe(0);
      expect(await page.getByTestId('model-picker').textContent()).toContain('tiny-llama');
      expect(faults).toEqual([]);
    });
  });
});
