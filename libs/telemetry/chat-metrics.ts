import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Names of the chat's metrics, with their units. */
export const chatMetricNames = {
  openSockets: 'whisper_chat_open_sockets',
  runningAnswers: 'whisper_chat_running_answers',
  answers: 'whisper_chat_answers_total',
  duration: 'whisper_chat_answer_duration_seconds',
  firstToken: 'whisper_chat_first_token_seconds',
} as const;

/** As people feel it: the router's share, and what the chat adds. In seconds. */
const firstTokens = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const durations = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** Makes the chat's metrics in a registry. Call once for each registry. */
export function chatMetrics(registry: Registry) {
  const registers = [registry];
  return {
    openSockets: new Gauge({ name: chatMetricNames.openSockets, help: 'Sockets that are open.', registers }),
    runningAnswers: new Gauge({
      name: chatMetricNames.runningAnswers,
      help: 'Answers that are being written.',
      registers,
    }),
    answers: new Counter({
      name: chatMetricNames.answers,
      help: 'Answers by how they ended: complete, stopped, interrupted, failed; code is empty where none is told.',
      labelNames: ['tenant', 'status', 'code'],
      registers,
    }),
    duration: new Histogram({
      name: chatMetricNames.duration,
      help: 'Time from the start of an answer to the commit of its end.',
      labelNames: ['status'],
      buckets: durations,
      registers,
    }),
    firstToken: new Histogram({
      name: chatMetricNames.firstToken,
      help: 'Time from the start of an answer to its first text.',
      buckets: firstTokens,
      registers,
    }),
  };
}
export type ChatMetrics = ReturnType<typeof chatMetrics>;
