const quantity = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const factors: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The number behind a quantity such as `500m`, `2` or `1.5Gi`; null where it is none. */
export function amountOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  const [, digits, suffix] = typeof value === 'string' ? (quantity.exec(value) ?? []) : [];
  return digits === undefined ? null : Number(digits) * (factors[suffix ?? ''] ?? 1);
}
