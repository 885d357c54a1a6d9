import { useEffect, useRef } from 'react';
import { RequestFailure } from '#libs/ui/request-failure.js';
import { TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';

/** What is shown. */
export type CodeKind = 'totp' | 'recovery-code';

interface CodeFieldProps {
  readonly kind: CodeKind;
  readonly value: string;
  readonly error: unknown;
  readonly onChange: (value: string) => void;
}

const shapes = {
  totp: { inputMode: 'numeric', autoComplete: 'one-time-code', maxLength: 12, className: 'font-mono tracking-widest' },
  'recovery-code': { inputMode: 'text', autoComplete: 'off', maxLength: 40, className: 'font-mono uppercase' },
} as const;

/** Whether the server says that the code was not right. */
export function isWrongCode(error: unknown): boolean {
  return error instanceof RequestFailure && error.view.code === 'second_factor_failed';
}

/** Where somebody types, or pastes, a code. It has the focus at once, and after a wrong one. */
export function CodeField({ kind, value, error, onChange }: CodeFieldProps) {
  const { text } = useText();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    if (isWrongCode(error)) input.current?.select();
  }, [kind, error]);
  return (
    <TextField
      {...shapes[kind]}
      ref={input}
      label={text(`factor.${kind}.label`)}
      required
      spellCheck={false}
      dir="ltr"
      value={value}
      error={isWrongCode(error) ? text(`factor.${kind}.wrong`) : undefined}
      onChange={(event) => onChange(event.target.value)}
      data-testid={kind === 'totp' ? 'code' : 'recovery-code'}
    />
  );
}
