/** Runs once after all suites. */
// oxlint-disable-next-line no-default-export -- the form Jest asks for
export default async function globalTeardown(): Promise<void> {}
