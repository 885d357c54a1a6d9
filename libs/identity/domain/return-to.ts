const base = 'http://origin.invalid';
/** A browser takes a backslash for a slash and drops tabs and line breaks, so that `/\t/evil` would leave the origin. */
const misleading = /[\\\p{Cc}]/u;

/** A path of this very origin, or `/` for everything else: an open redirect would lend our name to a stranger's page. */
export function safeReturnTo(wanted: string | undefined): string {
  if (wanted === undefined || !wanted.startsWith('/') || wanted.startsWith('//') || misleading.test(wanted)) return '/';
  if (!URL.canParse(wanted, base)) return '/';
  const url = new URL(wanted, base);
  // A path such as /..//evil is normalised to //evil, which names another host.
  if (url.origin !== base || url.pathname.startsWith('//')) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
