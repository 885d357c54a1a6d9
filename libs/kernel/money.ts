import { AppError } from './errors.js';

const amount = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/**
 * Millionths of a dollar in a decimal text such as `12.50`. No float ever holds money.
 * @throws {AppError} bad_request for any other text
 */
export function microUsd(text: string): number {
  const parts = amount.exec(text);
  if (parts === null) throw new AppError('bad_request', 'An amount must look like "25" or "12.50".');
  return Number(parts[1]) * 1_000_000 + Number((parts[2] ?? '').padEnd(6, '0'));
}

/** The shortest decimal text of whole, non-negative millionths of a dollar, with at least cents: `12.50`, `0.000001`. */
export function usdText(micro: number): string {
  const whole = Math.trunc(micro / 1_000_000);
  const fraction = String(micro % 1_000_000)
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return fraction === '00' ? String(whole) : `${whole}.${fraction}`;
}
