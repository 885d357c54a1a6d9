import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { emptyTurn } from '#libs/chat/domain/turn.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { chatMetrics } from './chat-metrics.js';
import { PrometheusChatTelemetry } from './chat-telemetry.js';
import { Tracing } from './tracing.js';

const acme = memoryTenant('acme');
const untraced = Tracing.create({ endpoint: null, ratio: 1, service: 'test' });

function watch() {
  const registry = new Registry();
  return { registry, telemetry: new PrometheusChatTelemetry(chatMetrics(registry), untraced) };
}

describe('PrometheusChatTelemetry', () => {
  it('counts the sockets that are open', async () => {
    const { registry, telemetry } = watch();
    telemetry.socketOpened();
    telemetry.socketOpened();

    telemetry.socketClosed();

    expect(await registry.metrics()).toContain('whisper_chat_open_sockets 1\n');
  });

  it('counts an answer as running until its end, then by tenant and outcome', async () => {
    const { registry, telemetry } = watch();
    const trace = telemetry.answerStarted(acme);
    const whileRunning = await registry.metrics();

    trace.end({ ...emptyTurn('tiny'), status: 'complete', firstTokenMs: 300 });

    const text = await registry.metrics();
    expect(whileRunning).toContain('whisper_chat_running_answers 1\n');
    expect(text).toContain('whisper_chat_running_answers 0\n');
    expect(text).toContain('whisper_chat_answers_total{tenant="acme",status="complete",code=""} 1\n');
    expect(text).toContain('whisper_chat_first_token_seconds_sum 0.3\n');
  });

  it('names the error of an answer that failed', async () => {
    const { registry, telemetry } = watch();
    const error = { code: 'backend_timeout', message: 'Too slow.', action: 'Try again.', retryable: true };

    telemetry.answerStarted(acme).end({ ...emptyTurn('tiny'), status: 'failed', error });

    const text = await registry.metrics();
    expect(text).toContain('{tenant="acme",status="failed",code="backend_timeout"} 1\n');
    expect(text).toContain('whisper_chat_first_token_seconds_count 0\n');
  });
});
