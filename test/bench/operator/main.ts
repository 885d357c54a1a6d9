// npm run bench:operator [-- --pooled 1,100,1000 --dedicated 200 …]: measures, and prints a table.
import { Command, InvalidArgumentError } from 'commander';
import { kubernetes, redisServer } from '../../support/component-list.js';
import type { Component } from '../../support/components.js';
import { printRows } from '../print-rows.js';
import { benchOperator } from './bench-operator.js';

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('A whole number, please.');
  return value;
}

function wholes(text: string): number[] {
  return text.split(',').map(whole);
}

function found(component: Component): string {
  const place = component.find();
  if (typeof place === 'string') return place;
  console.error(`whisper: the bench needs ${component.name}: ${place.missing}`);
  process.exit(1);
}

interface Asked {
  readonly pooled: readonly number[];
  readonly dedicated: number;
  readonly rest: number;
  readonly repairs: number;
  readonly failovers: number;
}

const program = new Command('bench:operator')
  .description('Measures the operator on a real control plane whose nodes are played.')
  .option('--pooled <counts>', 'sizes of the waves of pooled tenants', wholes, [1, 100, 1_000])
  .option('--dedicated <count>', 'dedicated tenants, beside a plain apply loop', whole, 200)
  .option('--rest <seconds>', 'how long the operator is watched at rest', whole, 60)
  .option('--repairs <count>', 'objects that are changed by somebody else', whole, 20)
  .option('--failovers <count>', 'leaders that are killed with -9', whole, 3)
  .showHelpAfterError('(--help tells the options)');
program.parse();
const asked = program.opts<Asked>();
const machine = { programs: found(kubernetes), redis: found(redisServer), nodes: 10, autoscalerSeconds: 15 };
await benchOperator(machine, asked, (rows) => printRows('operator', rows));
process.exit(0);
