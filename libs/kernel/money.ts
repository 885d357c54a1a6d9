import { AppError } from './errors.js';

/** Millionths of a US dollar in one. */
const microPerUsd = 1_000_000;

/**
 * `"12.50"` as 12500000 millionths, exactly.
 * @throws {AppError} bad_request for a text that is no amount
 */
export function microUsd(amount: string): number {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(amount);
  if (match === null) throw new AppError('bad_request', `"${amount}" is not an amount in US dollars.`);
  return Number(match[1]) * microPerUsd + Number((match[2] ?? '').padEnd(6, '0'));
}

/** 12500000 millionths as `"12.5"`, exactly. */
export function usdText(micro: number): string {
  const whole = Math.trunc(micro / microPerUsd);
  const rest = String(micro % microPerUsd)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return rest === '' ? String(whole) : `${whole}.${rest}`;
}
