import type { BootBlock } from '#libs/contracts/boot.js';

function read(): BootBlock {
  const text = document.querySelector('#boot')?.textContent ?? '';
  // The server wrote it by the contract into this very page.
  return JSON.parse(text) as BootBlock;
}

/** What the server said about this tenant in the first byte of the page. */
export const boot: BootBlock = read();
