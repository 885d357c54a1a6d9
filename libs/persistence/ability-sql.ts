import { rulesToAST } from '@casl/ability/extra';
import type { Ability, Action, GrantableSubject } from '#libs/identity/domain/rights.js';
import { AppError } from '#libs/kernel/errors.js';

/** The condition of a list, with the values of its parameters in order. */
export interface SqlCondition {
  readonly text: string;
  readonly values: readonly (string | null | readonly (string | null)[])[];
}

/** The facts that rules may name, each with the text expression that holds it. Nothing else reaches the statement. */
export type FactColumns = Readonly<Record<string, string>>;

interface Ast {
  readonly operator: string;
  readonly value: unknown;
  readonly field?: unknown;
}

/**
 * What an ability lets somebody see, as SQL. No part of it is ever NULL, so that NOT takes away exactly what the same
 * rule takes away in memory: `is distinct from` instead of `<>`, and `coalesce` around what compares lists.
 * @param after parameters of the statement that come before
 * @throws {AppError} internal for a rule that names another fact or operator: it fails, and never shows too much
 */
export function visibleTo(
  ability: Ability,
  what: { readonly action: Action; readonly subject: GrantableSubject; readonly columns: FactColumns },
  after: number,
): SqlCondition {
  const ast = rulesToAST(ability, what.action, what.subject);
  // Null says that no rule allows anything, not that nothing is to be filtered.
  if (ast === null) return { text: 'false', values: [] };
  const values: (string | null | readonly (string | null)[])[] = [];
  const parameter = (value: string | null | readonly (string | null)[]) => `$${after + values.push(value)}`;
  return { text: toSql(ast, what.columns, parameter), values };
}

type Parameter = (value: string | null | readonly (string | null)[]) => string;

function toSql(ast: Ast, columns: FactColumns, parameter: Parameter): string {
  if (ast.operator === 'and' || ast.operator === 'or' || ast.operator === 'not')
    return joined(
      ast.operator,
      partsOf(ast.value).map((part) => toSql(part, columns, parameter)),
    );
  const column = typeof ast.field === 'string' && Object.hasOwn(columns, ast.field) ? columns[ast.field] : undefined;
  if (column === undefined) throw notUnderstood(`the fact ${String(ast.field)}`);
  switch (ast.operator) {
    case 'eq':
      return `(${column} is not distinct from ${parameter(textOf(ast.value))}::text)`;
    case 'ne':
      return `(${column} is distinct from ${parameter(textOf(ast.value))}::text)`;
    case 'in':
      return among(column, ast.value, parameter);
    case 'nin':
      return `(not ${among(column, ast.value, parameter)})`;
    default:
      throw notUnderstood(`the operator ${ast.operator}`);
  }
}

function joined(operator: 'and' | 'or' | 'not', parts: readonly string[]): string {
  if (operator === 'not') return `(not (${parts.join(' and ')}))`;
  // All of nothing is true, one of nothing is not.
  if (parts.length === 0) return operator === 'and' ? 'true' : 'false';
  return `(${parts.join(` ${operator} `)})`;
}

function among(column: string, value: unknown, parameter: Parameter): string {
  const list = Array.isArray(value) ? value.map(textOf) : [textOf(value)];
  const named = list.filter((item) => item !== null);
  const isAmong = `coalesce(${column} = any(${parameter(named)}::text[]), false)`;
  return list.length === named.length ? isAmong : `(${isAmong} or ${column} is null)`;
}

function partsOf(value: unknown): readonly Ast[] {
  return Array.isArray(value) ? (value as readonly Ast[]) : [];
}

function textOf(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  throw notUnderstood('a value that is no text');
}

function notUnderstood(what: string): AppError {
  return new AppError('internal', `A rule of a role holds ${what}, which lists do not understand.`);
}
