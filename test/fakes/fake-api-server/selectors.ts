import type { KubeObject } from '#operator/runtime/kube-object.js';
import { badRequest } from './api-status.js';

type Match = (object: KubeObject) => boolean;

/** A label selector: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas. */
export function labelMatch(text: string | null): Match {
  const terms = (text ?? '').split(/,(?![^(]*\))/).filter((term) => term.trim() !== '');
  const tests = terms.map((term) => labelTerm(term.trim()));
  return (object) => tests.every((test) => test(object.metadata.labels ?? {}));
}

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

function labelTerm(term: string): LabelTest {
  const among = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
  if (among !== null) {
    const [, key = '', verb, list = ''] = among;
    const values = new Set(list.split(',').map((one) => one.trim()));
    return (labels) => values.has(labels[key] ?? '\0') === (verb === 'in');
  }
  const pair = /^([^!=\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(term);
  if (pair !== null) {
    const [, key = '', verb, value] = pair;
    return (labels) => (labels[key] === value) === (verb !== '!=');
  }
  if (/^!?[\w./-]+$/.test(term)) {
    return term.startsWith('!') ? (labels) => !(term.slice(1) in labels) : (labels) => term in labels;
  }
  throw badRequest(`unable to parse requirement: ${term}`);
}

/** A field selector: `metadata.name=x`, `spec.plan!=free`, joined by commas. */
export function fieldMatch(text: string | null): Match {
  const terms = (text ?? '').split(',').filter((term) => term !== '');
  const tests = terms.map((term) => {
    const [, path = '', verb, value] = /^([\w.]+)(==|=|!=)(.*)$/.exec(term) ?? [];
    if (path === '') throw badRequest(`invalid selector: "${term}"`);
    return (object: KubeObject) => (textOf(valueAt(object, path)) === value) === (verb !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

function valueAt(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], object);
}

/** As the API server compares: a field that is not there is empty. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}
