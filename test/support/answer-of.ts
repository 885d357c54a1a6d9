import { randomUUID } from 'node:crypto';
import type { Browser } from './browser.js';
import { until } from './until.js';

interface Told {
  readonly messages: readonly { readonly text: string; readonly answer: { readonly status: string } | null }[];
}

/** Has one answer written, in a new conversation. Fails where it ends in an error. */
export async function answerOf(owner: Browser, say: string): Promise<string> {
  const { status, json } = await owner.call('POST', '/api/turns', {
    clientId: randomUUID(),
    intent: { kind: 'say', conversationId: null, parentId: null, text: say },
  });
  if (status >= 300) throw new Error(`the turn was refused: ${status} ${JSON.stringify(json)}`);
  const { id } = json['conversation'] as { id: string };
  return until(async () => {
    const { messages } = (await owner.get(`/api/conversations/${id}`)).json as unknown as Told;
    const failed = messages.find(({ answer }) => answer?.status === 'failed');
    if (failed !== undefined) throw new Error(`the answer failed: ${JSON.stringify(failed)}`);
    return messages.find(({ answer }) => answer?.status === 'complete')?.text;
  }, 20_000);
}
