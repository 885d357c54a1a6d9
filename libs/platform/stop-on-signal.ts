/**
 * Ends cleanly on the first SIGINT or SIGTERM, at once on the second.
 * @param tell is given what kept it from ending cleanly
 */
export function stopOnSignal(stop: () => Promise<void>, tell: (error: unknown) => void): void {
  let stopping = false;
  const end = () => {
    if (stopping) process.exit(130);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        tell(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}
