import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The names of client-go and controller-runtime, so that dashboards made for those show this operator too. */
const names = {
  requests: 'rest_client_requests_total',
  reconciles: 'controller_runtime_reconcile_total',
  errors: 'controller_runtime_reconcile_errors_total',
  terminalErrors: 'controller_runtime_terminal_reconcile_errors_total',
  timeouts: 'controller_runtime_reconcile_timeouts_total',
  duration: 'controller_runtime_reconcile_time_seconds',
  maxWorkers: 'controller_runtime_max_concurrent_reconciles',
  activeWorkers: 'controller_runtime_active_workers',
  depth: 'workqueue_depth',
  adds: 'workqueue_adds_total',
  waited: 'workqueue_queue_duration_seconds',
  worked: 'workqueue_work_duration_seconds',
  unfinished: 'workqueue_unfinished_work_seconds',
  longest: 'workqueue_longest_running_processor_seconds',
  retries: 'workqueue_retries_total',
  leader: 'leader_election_master_status',
} as const;

/** controller-runtime's own, from 5 ms to a minute. */
const reconcileSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** client-go's: a queue is quick or it is broken. */
const queueSeconds = [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 60, 600];

/** Makes the runtime's metrics in a registry. Call once for each registry. */
export function runtimeMetrics(registry: Registry) {
  return { ...clientMetrics(registry), ...controllerMetrics(registry), ...queueMetrics(registry) };
}

export type RuntimeMetrics = ReturnType<typeof runtimeMetrics>;
/** What a transport counts. */
export type ClientMetrics = ReturnType<typeof clientMetrics>;

function clientMetrics(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Counter({
      name: names.requests,
      help: 'Calls to the API server by status, method and host.',
      labelNames: ['code', 'method', 'host'],
      registers,
    }),
    leader: new Gauge({ name: names.leader, help: '1 while this process leads.', labelNames: ['name'], registers }),
  };
}

function controllerMetrics(registry: Registry) {
  const labelNames = ['controller'] as const;
  const shared = { labelNames, registers: [registry] };
  return {
    reconciles: new Counter({
      name: names.reconciles,
      help: 'Reconciles by result: success, requeue_after or error.',
      labelNames: ['controller', 'result'],
      registers: [registry],
    }),
    errors: new Counter({ name: names.errors, help: 'Reconciles that failed.', ...shared }),
    terminalErrors: new Counter({ name: names.terminalErrors, help: 'Failures that no repetition mends.', ...shared }),
    timeouts: new Counter({ name: names.timeouts, help: 'Reconciles that took longer than allowed.', ...shared }),
    duration: new Histogram({
      name: names.duration,
      help: 'Time of one reconcile.',
      buckets: reconcileSeconds,
      ...shared,
    }),
    maxWorkers: new Gauge({ name: names.maxWorkers, help: 'Workers there are.', ...shared }),
    activeWorkers: new Gauge({ name: names.activeWorkers, help: 'Workers at work.', ...shared }),
  };
}

function queueMetrics(registry: Registry) {
  const labelNames = ['name', 'controller'] as const;
  const shared = { labelNames, registers: [registry] };
  const times = { ...shared, buckets: queueSeconds };
  return {
    depth: new Gauge({
      name: names.depth,
      help: 'Keys that wait.',
      labelNames: [...labelNames, 'priority'],
      registers: [registry],
    }),
    adds: new Counter({ name: names.adds, help: 'Keys added.', ...shared }),
    waited: new Histogram({ name: names.waited, help: 'Time a key waits before a worker takes it.', ...times }),
    worked: new Histogram({ name: names.worked, help: 'Time a worker holds a key.', ...times }),
    unfinished: new Gauge({ name: names.unfinished, help: 'Seconds of work in progress, summed.', ...shared }),
    longest: new Gauge({ name: names.longest, help: 'Seconds the slowest worker has held its key.', ...shared }),
    retries: new Counter({ name: names.retries, help: 'Keys added again after a failure.', ...shared }),
  };
}
