/** Price of a model in micro-USD for a million tokens. */
export interface ModelPrice {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

/** Nothing to pay: own hardware, or a price nobody has stated. */
export const free: ModelPrice = { inputPerMillion: 0, outputPerMillion: 0 };

/** Millionths of a dollar in a decimal text such as `12.50` that the manifest schema has checked. */
export function microUsd(amount: string): number {
  const [whole = '0', fraction = ''] = amount.split('.');
  return Number(whole) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** What a call costs, in whole micro-USD, half of one rounded up. */
export function costMicroUsd(price: ModelPrice, promptTokens: number, completionTokens: number): number {
  const millionths =
    BigInt(price.inputPerMillion) * BigInt(promptTokens) + BigInt(price.outputPerMillion) * BigInt(completionTokens);
  return Number((millionths + 500_000n) / 1_000_000n);
}
