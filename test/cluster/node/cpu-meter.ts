import type { MeasuredPod } from '../metrics-apis.js';

/** What a pod's containers have used of a core since they started, in seconds. */
interface Reading {
  readonly atMs: number;
  readonly seconds: number;
}

/** As metrics-server does, more or less: what a pod does for a second is not what it does. */
const shortestMs = 10_000;

const line = /^container_cpu_usage_seconds_total\{([^}]*)\} (\S+)/;
const label = (labels: string, name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';

/** Seconds of each pod, by `namespace/name`, in what a kubelet shows at /metrics/resource. */
export function cpuSecondsIn(text: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const each of text.split('\n')) {
    const [, labels, value] = line.exec(each) ?? [];
    if (labels === undefined) continue;
    const key = `${label(labels, 'namespace')}/${label(labels, 'pod')}`;
    sums.set(key, (sums.get(key) ?? 0) + Number(value));
  }
  return sums;
}

/** The sum of all series of a metric, as Prometheus writes them; null where there is none. */
export function sumOf(metric: string, text: string): number | null {
  const values = text.split('\n').flatMap((each) => {
    const [name = '', value] = each.split(/(?<=^\w+(?:\{[^}]*\})?) /);
    return name.split('{')[0] === metric && value !== undefined ? [Number(value)] : [];
  });
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

/** CPU in use of each pod, from readings one after the other. */
export class CpuMeter {
  private readonly last = new Map<string, Reading>();
  private readonly rates = new Map<string, number>();

  /** Takes what a kubelet shows at this moment. */
  read(text: string, atMs: number): void {
    const now = cpuSecondsIn(text);
    for (const [key, seconds] of now) {
      const before = this.last.get(key);
      if (before !== undefined && atMs - before.atMs < shortestMs) continue;
      // A container that started anew counts from zero.
      if (before !== undefined && seconds >= before.seconds)
        this.rates.set(key, ((seconds - before.seconds) / (atMs - before.atMs)) * 1_000_000);
      this.last.set(key, { atMs, seconds });
    }
    for (const key of this.last.keys()) if (!now.has(key)) this.forget(key);
  }

  /** In thousandths of a core; null before the second reading. */
  of({ namespace, name }: MeasuredPod): number | null {
    return this.rates.get(`${namespace}/${name}`) ?? null;
  }

  private forget(key: string): void {
    this.last.delete(key);
    this.rates.delete(key);
  }
}
