/** Price of a model in micro-USD for a million tokens. */
export interface ModelPrice {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

/** Nothing to pay: own hardware, or a price nobody has stated. */
export const free: ModelPrice = { inputPerMillion: 0, outputPerMillion: 0 };

/** What a call costs, in whole micro-USD, half of one rounded up. */
export function costMicroUsd(price: ModelPrice, promptTokens: number, completionTokens: number): number {
  const millionths =
    BigInt(price.inputPerMillion) * BigInt(promptTokens) + BigInt(price.outputPerMillion) * BigInt(completionTokens);
  return Number((millionths + 500_000n) / 1_000_000n);
}
