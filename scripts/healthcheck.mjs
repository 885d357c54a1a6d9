// Asks the program in the same container whether it lives. For a container on one machine: `HEALTHCHECK`.
const port = process.env.WHISPER_PORT || '4780';
const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4000) }).catch(
  () => null,
);
process.exit(response?.ok === true ? 0 : 1);
