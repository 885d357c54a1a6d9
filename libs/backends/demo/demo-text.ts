/** What the demo responder writes for a question: Markdown that stands for everything the chat can show. */
export interface DemoAnswer {
  readonly text: string;
  /** Pause before each word, in ms. */
  readonly wordMs: number;
}

/** About the speed of a good model, so that streaming can be seen. */
const usualWordMs = 12;
/** Slow enough to press Stop at leisure. */
const slowWordMs = 300;
/** Paragraphs of `!long`: several screens. */
const longParagraphs = 40;

const label = '**This is the demo responder, not an AI.** It answers every question with facts about Whisper itself.';

const overview = `${label}

Whisper is a multi-tenant chat platform: one manifest for each organisation gives it its own sign-in, data, models and limits.

| Part | What it does |
| --- | --- |
| Chat | Streams answers that survive a dropped connection |
| Router | Checks keys, limits and budgets, then calls a model |
| Admin | Shows usage and cost, people, keys and settings |

To talk to a real model, start a model server on this machine, or name one in a manifest:

\`\`\`yaml
apiVersion: whisperengine.ai/v1alpha1
kind: ModelBackend
metadata:
  name: local
spec:
  provider: ollama
  url: http://127.0.0.1:11434/v1
\`\`\`

Then add \`local\` to \`spec.models.backends\` of the tenant. Try \`!slow\`, \`!long\` or \`!error\` to see how the chat behaves.`;

const api = `${label}

The same models answer over an OpenAI-compatible API. Make a key on the admin page, then:

\`\`\`js
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: 'http://127.0.0.1:4780/v1', apiKey: process.env.WHISPER_KEY });
const answer = await client.chat.completions.create({
  model: 'demo/guide',
  messages: [{ role: 'user', content: 'Hello' }],
});
\`\`\`

1. Every call is counted, aborted ones too.
2. Limits and budgets of the organisation hold for keys and people alike.`;

const tenants = `${label}

Each organisation is one \`WhisperTenant\` manifest. Its data lives in a database schema and role of its own, so that the database itself keeps organisations apart.

- **Sign-in**: local accounts, or OpenID Connect with the company's provider
- **Models**: which may be used, which is the default, and what happens when one does not answer
- **Limits**: requests and tokens per minute, and a monthly budget`;

const topics: readonly (readonly [RegExp, string])[] = [
  [/\b(api|sdk|key|curl|openai)\b/i, api],
  [/\b(tenants?|manifests?|organi[sz]ations?|isolation|budgets?|limits?)\b/i, tenants],
];

/** The answer to the last message of the user; the same one for the same words. */
export function demoAnswer(question: string): DemoAnswer {
  const words = question.trim();
  if (words.startsWith('!slow')) return { text: overview, wordMs: slowWordMs };
  if (words.startsWith('!long')) return { text: longText(), wordMs: usualWordMs };
  const topic = topics.find(([pattern]) => pattern.test(words));
  return { text: topic?.[1] ?? overview, wordMs: usualWordMs };
}

/** Whether the user asked to see an error. */
export function wantsError(question: string): boolean {
  return question.trim().startsWith('!error');
}

function longText(): string {
  const paragraphs = Array.from(
    { length: longParagraphs },
    (_, index) =>
      `### Part ${index + 1} of ${longParagraphs}\n\nThis paragraph is here to be long. Scroll up while it is being written: the page stays where you read. Reload it: the answer goes on where it was. Press Stop: what is there stays there.`,
  );
  return [label, ...paragraphs].join('\n\n');
}
