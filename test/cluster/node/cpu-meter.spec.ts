import { describe, expect, it } from '@jest/globals';
import { CpuMeter, sumOf } from './cpu-meter.js';

const shown = (seconds: number, sidecar: number) => `# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="chat",namespace="acme",pod="chat-1"} ${seconds} 1700000000000
container_cpu_usage_seconds_total{container="proxy",namespace="acme",pod="chat-1"} ${sidecar} 1700000000000
container_memory_working_set_bytes{container="chat",namespace="acme",pod="chat-1"} 7 1700000000000
`;
const pod = { namespace: 'acme', name: 'chat-1', ip: '', containers: ['chat', 'proxy'] };

describe('the CPU of a pod', () => {
  it('is that of all its containers over ten seconds or more', () => {
    const meter = new CpuMeter();
    meter.read(shown(10, 1), 0);
    expect(meter.of(pod)).toBeNull();

    meter.read(shown(11.5, 1.5), 10_000);

    expect(meter.of(pod)).toBeCloseTo(200);

    meter.read(shown(15, 2), 11_000);
    expect(meter.of(pod)).toBeCloseTo(200);
  });

  it('is forgotten with the pod, and not negative after a restart', () => {
    const meter = new CpuMeter();
    meter.read(shown(10, 1), 0);
    meter.read(shown(0.1, 0.1), 10_000);
    expect(meter.of(pod)).toBeNull();

    meter.read(shown(1.1, 0.1), 20_000);
    expect(meter.of(pod)).toBeCloseTo(100);

    meter.read('', 30_000);
    expect(meter.of(pod)).toBeNull();
  });
});

describe('the sum of a metric', () => {
  it.each([
    ['one series', 'open 3\n', 3],
    ['several series', 'open{tenant="a"} 3\nopen{tenant="b"} 4\n', 7],
    ['other metrics only', '# HELP open x\nopen_total 3\n', null],
  ])('of %s', (_case, text, expected) => {
    expect(sumOf('open', text)).toBe(expected);
  });
});
