/** Waits until `check` gives something other than undefined, null or false; fails loudly when it never does. */
export async function until<Value>(
  check: () => Value | Promise<Value>,
  timeoutMs = 10_000,
): Promise<Exclude<Value, undefined | null | false>> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const value = await check();
    if (value !== undefined && value !== null && value !== false) {
      return value as Exclude<Value, undefined | null | false>;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`it never happened: ${check.toString().slice(0, 120)}`);
}
