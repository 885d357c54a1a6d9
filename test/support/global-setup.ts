/** Runs once before all suites. */
// oxlint-disable-next-line no-default-export -- the form Jest asks for
export default async function globalSetup(): Promise<void> {}
