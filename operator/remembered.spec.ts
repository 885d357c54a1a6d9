import { describe, expect, it } from '@jest/globals';
import { remembered } from './remembered.js';

describe('what was made of an object', () => {
  it('is made once for the same object, and anew for another one that looks the same', () => {
    let count = 0;
    const make = remembered(() => (count += 1));
    const source = { name: 'acme' };

    expect([make(source), make(source), make({ ...source })]).toEqual([1, 1, 2]);
  });

  it('is remembered where it is undefined, and is made each time of what is no object', () => {
    let count = 0;
    const make = remembered((source) => {
      count += 1;
      return source === 'text' ? source : undefined;
    });
    const source = {};

    expect([make(source), make(source), make('text'), make('text'), count]).toEqual([
      undefined,
      undefined,
      'text',
      'text',
      3,
    ]);
  });
});
