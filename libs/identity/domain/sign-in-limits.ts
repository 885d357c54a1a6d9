/** Failed sign-ins are counted in windows of this length, in ms. */
export const attemptWindowMs = 15 * 60_000;

/** One counter of failed sign-ins, and how many it lets through in a window. */
export interface AttemptLimit {
  readonly key: string;
  readonly limit: number;
}

/** Ten guesses in a quarter of an hour find no password of twelve characters, and forgive a forgotten one. */
const perAccount = 10;
/** An office behind one address has many forgetful people. */
const perAddress = 50;

/** The counters of a try to sign in as `email`. */
export function passwordLimits(email: string, address: string): readonly AttemptLimit[] {
  return [{ key: `account:${email}`, limit: perAccount }, ...addressLimits(address)];
}

/** The counters of a try to show a second factor. One of its own: a right password must not forgive wrong codes. */
export function factorLimits(email: string, address: string): readonly AttemptLimit[] {
  return [{ key: `factor:${email}`, limit: perAccount }, ...addressLimits(address)];
}

/** The counter of an address, for whatever is tried from there. */
export function addressLimits(address: string): readonly AttemptLimit[] {
  return [{ key: `address:${networkOf(address)}`, limit: perAddress }];
}

/** The window that `now` lies in. */
export function windowOf(now: Date): { readonly start: Date; readonly end: Date } {
  const start = Math.floor(now.getTime() / attemptWindowMs) * attemptWindowMs;
  return { start: new Date(start), end: new Date(start + attemptWindowMs) };
}

/** An IPv4 address itself; of IPv6 the /64, which is what one customer has to choose addresses from. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
