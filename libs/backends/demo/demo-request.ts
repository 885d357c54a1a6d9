import { z } from 'zod';

/** The part of a chat completion request that the demo responder reads. */
const Request = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
});
const TextPart = z.looseObject({ type: z.literal('text'), text: z.string() });

export interface DemoRequest {
  readonly model: string;
  /** The text of the user's last message. */
  readonly question: string;
  readonly stream: boolean;
  readonly wantsUsage: boolean;
  /** Words of all messages: what stands for prompt tokens here. */
  readonly promptWords: number;
}

/** Null for a body that is no chat completion request. */
export function readDemoRequest(body: Buffer): DemoRequest | null {
  const parsed = Request.safeParse(JSON.parse(body.toString('utf8')));
  if (!parsed.success) return null;
  const { model, messages, stream, stream_options } = parsed.data;
  const texts = messages.map(({ content }) => textOf(content));
  const last = messages.findLastIndex(({ role }) => role === 'user');
  return {
    model,
    question: texts[last] ?? '',
    stream: stream === true,
    wantsUsage: stream_options?.include_usage === true,
    promptWords: texts.join(' ').split(/\s+/).filter(Boolean).length,
  };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => TextPart.safeParse(part).data?.text ?? '').join('\n');
}
