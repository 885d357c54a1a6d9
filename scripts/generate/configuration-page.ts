import { z } from 'zod';
import { ConfigSchema } from '#libs/platform/config.js';
import { cell, code, page, table } from './markdown.js';

const Setting = z.object({
  description: z.string(),
  option: z.string().optional(),
  variable: z.string().optional(),
  otherwise: z.string().optional(),
});

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.join(',');
  return Object.entries(value)
    .map(([key, item]) => `${key}=${String(item)}`)
    .join(',');
}

function defaultOf(schema: z.ZodType): string {
  const parsed = schema.safeParse(undefined);
  const text = parsed.success && parsed.data !== undefined ? textOf(parsed.data) : '';
  return text === '' ? 'none' : code(text);
}

/** `docs/reference/configuration.md`. */
export function configurationPage(): string {
  const rows = Object.entries(ConfigSchema.shape).flatMap(([key, schema]) => {
    const { description, option, variable, otherwise } = Setting.parse(schema.meta());
    if (variable === undefined) return [];
    return [
      [
        code(key),
        code(option ?? ''),
        code(variable),
        otherwise === undefined ? defaultOf(schema) : cell(otherwise),
        cell(description),
      ],
    ];
  });
  return page(
    'Configuration',
    'An option of `npm start -- …` wins over the environment variable, and that over the default. A setting that is not understood ends the start with its name.',
    table(['key', 'option', 'variable', 'default', 'meaning'], rows),
  );
}
