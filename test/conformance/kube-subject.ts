import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { KubeClient } from '#operator/runtime/client.js';
import type { Connection } from '#operator/runtime/connection.js';
import { connectionOf } from '#operator/runtime/kubeconfig.js';
import { ResourceTable, apiResource } from '#operator/runtime/resource-table.js';
import { SystemTimers, type Timers } from '#operator/runtime/timers.js';
import { KubeTransport } from '#operator/runtime/transport.js';
import { FakeApiServer } from '#test/fakes/fake-api-server/fake-api-server.js';
import { sharedControlPlane } from '../cluster/shared-control-plane.js';
import { kubernetes } from '../support/component-list.js';
import { describeWith } from '../support/components.js';

/** A cluster-scoped kind of these tests, with a status subresource. */
export const widget = { apiVersion: 'test.whisperengine.ai/v1', kind: 'Widget' };
export const widgetResource = apiResource({ ...widget, plural: 'widgets', namespaced: false });

/** An API server under test. */
export interface Subject {
  readonly client: KubeClient;
  readonly connection: Connection;
  /** Of its plain TCP port on loopback. */
  readonly port: number;
  /** A namespace for this suite alone. */
  readonly namespace: string;
  /** It remembers no change before this moment; the real one never knew of the time before its watch cache. */
  forget(): void;
  close(): Promise<void>;
}

/** The first suite of a run starts the control plane. */
const openMs = 240_000;

/** A subject that is opened before the cases that use it, and closed after them. */
function subjectFor(open: () => Promise<Subject>): Subject {
  let opened: Subject | null = null;
  beforeAll(async () => {
    opened = await open();
  }, openMs);
  afterAll(() => opened?.close());
  const own = () => {
    if (opened === null) throw new Error('the API server is asked before it is there');
    return opened;
  };
  return {
    get client() {
      return own().client;
    },
    get connection() {
      return own().connection;
    },
    get port() {
      return own().port;
    },
    get namespace() {
      return own().namespace;
    },
    forget: () => own().forget(),
    close: () => own().close(),
  };
}

/** The same cases for the fake API server and for a real one. */
export function describeSubjects(title: string, contract: (subject: Subject) => void): void {
  describe(`${title}: the fake API server`, () => {
    contract(subjectFor(fakeSubject));
  });
  describeWith(kubernetes, `${title}: a real API server`, (programs) => {
    contract(subjectFor(() => realSubject(programs)));
  });
}

/** A client over a connection. */
export function clientOver(connection: Connection, timers: Timers = new SystemTimers()): KubeClient {
  const transport = new KubeTransport({ connection, timers });
  return new KubeClient(transport, new ResourceTable(transport));
}

async function subjectOf(
  connection: Connection,
  ends: { forget: () => void; stop: () => Promise<void> },
): Promise<Subject> {
  const client = clientOver(connection);
  const namespace = `suite-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const close = async () => {
    client.transport.close();
    await ends.stop();
  };
  return { client, connection, port: Number(new URL(connection.server).port), namespace, forget: ends.forget, close };
}

async function fakeSubject(): Promise<Subject> {
  const fake = await FakeApiServer.start({ resources: [widgetResource] });
  return subjectOf(fake.connection, { forget: () => fake.compact(), stop: () => fake.stop() });
}

async function realSubject(programs: string): Promise<Subject> {
  const plane = await sharedControlPlane(programs);
  const crd = new URL('../../../test/conformance/widgets.yaml', import.meta.url);
  await plane.applyText(await readFile(crd, 'utf8'));
  await plane.kubectl('wait', '--for=condition=Established', '--timeout=60s', 'crd/widgets.test.whisperengine.ai');
  return subjectOf(connectionOf({ path: plane.kubeconfig }), {
    forget: () => undefined,
    stop: () => Promise.resolve(),
  });
}
