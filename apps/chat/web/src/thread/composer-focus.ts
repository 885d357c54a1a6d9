const composerId = 'composer';

/** Puts the cursor into the composer, wherever it is. */
export function focusComposer(): void {
  document.getElementById(composerId)?.focus();
}
