import { pause } from '#libs/kernel/abort.js';
import { type BenchRow, benchRow, percentile } from '../bench-row.js';
import { processUsage } from '../platform-process.js';
import { isOfLease, isWrite, operatorRequests, tally } from './audit-log.js';
import { type BenchCluster, type BenchMachine, openBenchCluster } from './bench-cluster.js';
import { measureFloor } from './floor.js';
import { type ReadyTimes, timeToReady } from './ready-times.js';
import { failoverTimes, repairTimes } from './recovery.js';

/** How much of each. */
export interface BenchSizes {
  readonly pooled: readonly number[];
  readonly dedicated: number;
  /** Seconds for which it is watched at rest. */
  readonly rest: number;
  readonly repairs: number;
  readonly failovers: number;
}

type Print = (rows: readonly BenchRow[]) => void;
type Figure = Omit<BenchRow, 'ratio' | 'bench' | 'baseline'> & { readonly baseline?: number };

/** Longest wait for a wave of tenants: many times the goal. */
const timeoutMs = 10 * 60_000;
/** After this long no tenant is under way. */
const settleMs = 5_000;
/** A shard is looked at each minute: its status is of the last wave until then. */
const quietMs = 65_000;

const rowsOf = (bench: string, figures: readonly Figure[]) =>
  figures.map(({ baseline = null, ...figure }) => benchRow({ ...figure, bench, baseline }));

function readyFigures({ eachMs, allMs }: ReadyTimes, goal: string): Figure[] {
  const seconds = (ms: number) => ms / 1_000;
  return [
    { measure: 'time to Ready, p50', value: seconds(percentile(eachMs, 0.5)), unit: 's', goal: '' },
    { measure: 'time to Ready, p99', value: seconds(percentile(eachMs, 0.99)), unit: 's', goal: '' },
    { measure: 'all Ready', value: seconds(allMs), unit: 's', goal },
  ];
}

/** One operator under measurement, wave after wave. */
class OperatorBench {
  constructor(
    private readonly bench: BenchCluster,
    private readonly sizes: BenchSizes,
    private readonly print: Print,
  ) {}

  async pooled(): Promise<void> {
    for (const [wave, count] of this.sizes.pooled.entries()) {
      await pause(settleMs);
      const before = await this.residentKilobytes();
      const { times, figures } = await this.wave(`pooled-${wave}`, count, 'pooled');
      await pause(settleMs);
      const grown = ((await this.residentKilobytes()) - before) / count;
      const memory = { measure: 'memory per tenant', value: grown, unit: 'kB', goal: count < 1_000 ? '' : '<= 60' };
      const goal = count < 1_000 ? '' : '<= 60';
      this.print(rowsOf(`${count} pooled tenants at once`, [...readyFigures(times, goal), ...figures, memory]));
    }
  }

  /** @returns how long it took until all were Ready, in ms */
  async dedicated(): Promise<number> {
    const { times, figures } = await this.wave('own', this.sizes.dedicated, 'dedicated');
    this.print(rowsOf(`${this.sizes.dedicated} dedicated tenants at once`, [...readyFigures(times, ''), ...figures]));
    return times.allMs;
  }

  async rest(): Promise<void> {
    await pause(quietMs);
    const from = new Date();
    await pause(this.sizes.rest * 1_000);
    const requests = await operatorRequests(this.bench.cluster.plane.folder, from, new Date());
    const others = requests.filter((request) => !isOfLease(request));
    const perSecond = (count: number) => count / this.sizes.rest;
    console.log(`\nat rest: ${tally(requests)}`);
    this.print(
      rowsOf(`all tenants at rest, ${this.sizes.rest} s`, [
        { measure: 'writes', value: others.filter(isWrite).length, unit: '', goal: '0' },
        { measure: 'requests', value: perSecond(others.length), unit: '/s', goal: '< 0.1' },
        {
          measure: 'the leader’s lease beside them',
          value: perSecond(requests.length - others.length),
          unit: '/s',
          goal: '',
        },
      ]),
    );
  }

  async recovery(): Promise<void> {
    const { dedicated, repairs, failovers } = this.sizes;
    const figures: Figure[] = [];
    if (dedicated > 0 && repairs > 0) {
      const times = await repairTimes(this.bench, 'own-0', repairs);
      figures.push(
        { measure: `repair of a drift, p50 of ${repairs}`, value: percentile(times, 0.5), unit: 'ms', goal: '' },
        { measure: 'repair of a drift, most', value: Math.max(...times), unit: 'ms', goal: '' },
      );
    }
    if (failovers > 0) {
      const times = await failoverTimes(this.bench, failovers);
      const value = Math.max(...times) / 1_000;
      figures.push({ measure: `failover after kill -9, most of ${failovers}`, value, unit: 's', goal: '<= 20' });
    }
    if (figures.length > 0) this.print(rowsOf('recovery', figures));
  }

  private async wave(prefix: string, count: number, isolation: 'pooled' | 'dedicated') {
    const from = new Date();
    const times = await timeToReady(this.bench.client, this.bench.tenants, { prefix, count, isolation, timeoutMs });
    await pause(settleMs);
    const all = await operatorRequests(this.bench.cluster.plane.folder, from, new Date());
    const requests = all.filter((request) => !isOfLease(request));
    console.log(`\n${count} ${isolation}: ${tally(requests)}`);
    const figures: Figure[] = [
      { measure: 'requests per tenant', value: requests.length / count, unit: '', goal: '' },
      { measure: 'writes per tenant', value: requests.filter(isWrite).length / count, unit: '', goal: '' },
    ];
    return { times, figures };
  }

  private async residentKilobytes(): Promise<number> {
    return (await processUsage(this.bench.cluster.operators[0]?.pid ?? 0)).residentKilobytes;
  }
}

/** Measures on a cluster of its own, then the floor on another one of the same making. */
export async function benchOperator(machine: BenchMachine, sizes: BenchSizes, print: Print): Promise<void> {
  const cluster = await openBenchCluster(machine);
  let ownMs = 0;
  try {
    const bench = new OperatorBench(cluster, sizes, print);
    await bench.pooled();
    if (sizes.dedicated > 0) ownMs = await bench.dedicated();
    if (sizes.rest > 0) await bench.rest();
    await bench.recovery();
  } finally {
    await cluster.close();
  }
  if (sizes.dedicated === 0) return;
  const floor = await measureFloor({ ...machine, tenants: sizes.dedicated, timeoutMs });
  const perTenant = floor.objects / sizes.dedicated;
  const against = (measure: string, baselineMs: number, goal: string) => ({
    measure,
    value: ownMs / 1_000,
    baseline: baselineMs / 1_000,
    unit: 's',
    goal,
  });
  print(
    rowsOf(`${sizes.dedicated} dedicated tenants beside a plain apply loop (${perTenant} objects each)`, [
      against('all Ready, beside: all applied', floor.appliedMs, ''),
      against('all Ready, beside: all applied and serving', floor.servingMs, '<= 1.5x'),
    ]),
  );
}
