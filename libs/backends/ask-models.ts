import { request } from 'undici';
import { z } from 'zod';
import { deadline } from '#libs/kernel/abort.js';
import { AppError } from '#libs/kernel/errors.js';
import { kindOf, type BackendDefinition, type BackendModel } from '#libs/inference/domain/backend.js';
import { free } from '#libs/inference/domain/money.js';
import { failureOf } from './openai-attempt.js';

/** The part of `GET /models` that is read (OpenAI API reference, "List models"); vLLM adds `max_model_len`. */
const ModelsReply = z.looseObject({
  data: z
    .array(z.looseObject({ id: z.string().min(1).max(200), max_model_len: z.int().positive().nullish() }))
    .nullable(),
});

/** Servers without a list of models: those of the manifest are taken as they are. */
const hasNoList = new Set([404, 405, 501]);

/**
 * Asks an OpenAI-compatible server for its models. Models of the manifest win, as they carry prices; then the
 * answer only proves that the server is there.
 * @throws {AppError} backend_unavailable, backend_timeout, backend_refused
 */
export async function askModels(
  backend: BackendDefinition,
  url: string,
  apiKey: string | null,
  timeoutMs: number,
): Promise<readonly BackendModel[]> {
  const { status, text } = await get(backend.name, `${url}/models`, apiKey, timeoutMs);
  if (backend.models !== null && (status < 300 || hasNoList.has(status))) return backend.models;
  if (status >= 300) throw refusedList(backend.name, status);
  return readModels(backend.name, text);
}

async function get(name: string, url: string, apiKey: string | null, timeoutMs: number) {
  try {
    const reply = await request(url, {
      headers: apiKey === null ? {} : { authorization: `Bearer ${apiKey}` },
      signal: deadline(timeoutMs),
    });
    return { status: reply.statusCode, text: await reply.body.text() };
  } catch (error) {
    throw unreachable(name, url, error);
  }
}

function unreachable(name: string, url: string, error: unknown): AppError {
  const reason = error instanceof Error ? error : new TypeError(String(error));
  const { origin } = new URL(url);
  if (reason.name === 'TimeoutError') {
    return new AppError('backend_timeout', `The model server "${name}" at ${origin} does not answer.`);
  }
  const failure = failureOf(reason);
  const detail = 'reason' in failure ? failure.reason : failure.kind;
  return new AppError('backend_unavailable', `The model server "${name}" at ${origin} cannot be reached (${detail}).`);
}

function refusedList(name: string, status: number): AppError {
  const isKey = status === 401 || status === 403;
  const words = isKey ? 'refuses the key' : `answers HTTP ${status} to a request for its models`;
  return new AppError('backend_refused', `The model server "${name}" ${words}.`, {
    action: isKey ? 'Put a valid key into the secret its manifest names.' : 'Correct spec.url of its manifest.',
  });
}

function readModels(name: string, text: string): BackendModel[] {
  const reply = ModelsReply.safeParse(parse(text));
  if (!reply.success) {
    throw new AppError('backend_refused', `The model server "${name}" does not list models as OpenAI's API does.`, {
      action: 'Correct spec.url of its manifest: it ends with /v1 for most servers.',
    });
  }
  return (reply.data.data ?? []).map(({ id, max_model_len }) => ({
    id,
    kind: kindOf(id),
    contextTokens: max_model_len ?? null,
    price: free,
  }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
