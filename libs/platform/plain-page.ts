import type { AppError } from '#libs/kernel/errors.js';

/** Text as it may stand between tags and in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A page for errors before any front end could be loaded. The same for every unknown host. */
export function plainPage(error: AppError, requestId: string): string {
  const words = `<h1>${escapeHtml(error.message)}</h1><p>${escapeHtml(error.action)}</p><p><small>${escapeHtml(error.code)} · ${escapeHtml(requestId)}</small></p>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${error.status}</title></head><body>${words}</body></html>`;
}
