import { describe, expect, it } from '@jest/globals';
import { chooseLocale } from './page-look.js';

describe('chooseLocale', () => {
  it.each([
    ["the browser's first language that we have", 'fr-FR,fr;q=0.9,de-AT;q=0.8,en;q=0.7', null, 'de'],
    ['by quality, not by order', 'en;q=0.2,de;q=0.9', null, 'de'],
    ["the tenant's where the browser asks for none of ours", 'fr', 'de', 'de'],
    ['English where nobody says', undefined, null, 'en'],
  ] as const)('takes %s', (_case, header, tenant, expected) => {
    expect(chooseLocale(header, tenant)).toBe(expected);
  });
});
