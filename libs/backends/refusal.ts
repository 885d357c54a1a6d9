/** Longest message of a server that is passed on: enough for every known one, too short for a prompt. */
const maxMessage = 300;

/** What a server said in an error body: OpenAI's shape, Ollama's `{error: "…"}`, FastAPI's `{detail}`, or nothing. */
export function readRefusal(body: Buffer): { readonly message: string; readonly field: string | null } {
  const parsed = parse(body.toString('utf8'));
  const error = field(parsed, 'error') ?? parsed;
  const message = firstText([error, field(error, 'message'), field(error, 'detail')]);
  const param = field(error, 'param');
  return { message: message.slice(0, maxMessage), field: typeof param === 'string' ? param.slice(0, 100) : null };
}

/** `Retry-After` in ms: seconds, or an HTTP date (RFC 9110 section 10.2.3). */
export function retryAfterMs(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

function firstText(values: readonly unknown[]): string {
  return values.find((value) => typeof value === 'string') ?? '';
}
