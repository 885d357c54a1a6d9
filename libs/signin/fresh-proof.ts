/** How far a provider's clock may be off, in ms: the same as for everything else that it dates. */
const skewMs = 60_000;

/**
 * Why a sign-in at a provider is no new proof of who somebody is, or null.
 * @param since when the provider was asked for one
 */
export function whyStale(authenticatedAt: Date | null, since: Date): { code: string; detail: string } | null {
  if (authenticatedAt === null)
    return {
      code: 'fresh_sign_in_unproven',
      detail: 'the provider does not say when the person signed in (auth_time)',
    };
  if (authenticatedAt.getTime() >= since.getTime() - skewMs) return null;
  return { code: 'sign_in_not_fresh', detail: `the person signed in there at ${authenticatedAt.toISOString()}` };
}
