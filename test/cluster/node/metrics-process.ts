import { writeFileSync } from 'node:fs';
import { KubeTransport } from '#operator/runtime/transport.js';
import { connectionOf } from '#operator/runtime/kubeconfig.js';
import { SystemTimers } from '#operator/runtime/timers.js';
import { ports } from '#operator/resources/names.js';
import { MetricsApis } from '../metrics-apis.js';
import { podsOf } from '../pods-of.js';
import { CpuMeter, sumOf } from './cpu-meter.js';

// A stand-in for metrics-server and an adapter: CPU as the kubelet has it, and metrics as the pods show them.
const [nodeAddress = '', port = ''] = process.argv.slice(2);
const { CERTIFICATE = '', KEY = '' } = process.env;
const everyMs = 2_000;
const askMs = 2_000;
const meter = new CpuMeter();
const connection = connectionOf();

async function readCpu(transport: KubeTransport): Promise<void> {
  const path = `/api/v1/nodes/${nodeAddress}/proxy/metrics/resource`;
  const response = await transport.stream({ method: 'GET', path });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  meter.read(Buffer.concat(chunks).toString('utf8'), performance.now());
}

const transport = new KubeTransport({ connection, timers: new SystemTimers() });
void (async () => {
  for (;;) {
    await readCpu(transport).catch((error: unknown) => console.error(String(error)));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
})();

writeFileSync('/tmp/tls.crt', CERTIFICATE);
writeFileSync('/tmp/tls.key', KEY, { mode: 0o600 });
await MetricsApis.serve(
  {
    pods: podsOf(connection).pods,
    cpu: (pod) => Promise.resolve(meter.of(pod)),
    load: async (metric, { ip }) => {
      const signal = AbortSignal.timeout(askMs);
      const answer = await fetch(`http://${ip}:${ports.internal}/metrics`, { signal }).catch(() => null);
      return answer?.ok === true ? sumOf(metric, await answer.text()) : null;
    },
  },
  { host: '0.0.0.0', port: Number(port), certificate: '/tmp/tls.crt', key: '/tmp/tls.key' },
);
