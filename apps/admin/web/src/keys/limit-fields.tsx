import type { KeyView } from '#libs/contracts/admin-api.js';
import { TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';

/** The limits a key can have. */
export const limitNames = ['rpm', 'tpm', 'concurrent'] as const;
/** As typed; empty: no limit. */
export type TypedLimits = Readonly<Record<(typeof limitNames)[number], string>>;

export const noLimits: TypedLimits = { rpm: '', tpm: '', concurrent: '' };

/** The limits as they stand in the fields. */
export function typedLimits(limits: KeyView['limits']): TypedLimits {
  return {
    rpm: String(limits?.rpm ?? ''),
    tpm: String(limits?.tpm ?? ''),
    concurrent: String(limits?.concurrent ?? ''),
  };
}

/** The limits that were typed; null where there is none. */
export function limitsOf(typed: TypedLimits): KeyView['limits'] {
  const set = limitNames.filter((name) => typed[name].trim() !== '');
  return set.length === 0 ? null : Object.fromEntries(set.map((name) => [name, Number(typed[name])]));
}

interface LimitFieldsProps {
  readonly limits: TypedLimits;
  readonly onChange: (limits: TypedLimits) => void;
}

/** What a key alone may use. */
export function LimitFields({ limits, onChange }: LimitFieldsProps) {
  const { text } = useText();
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="pb-1 text-small font-medium">{text('keys.limits')}</legend>
      <p className="text-small text-soft">{text('keys.limitsHelp')}</p>
      <div className="grid gap-3 sm:grid-cols-3">
        {limitNames.map((name) => (
          <TextField
            key={name}
            label={text(`keys.limit.${name}`)}
            type="number"
            min={1}
            step={1}
            autoComplete="off"
            value={limits[name]}
            onChange={(event) => onChange({ ...limits, [name]: event.target.value })}
          />
        ))}
      </div>
    </fieldset>
  );
}
