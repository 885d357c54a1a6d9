import type { SettingsView } from '#libs/contracts/admin-api.js';
import { TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { SourceNote } from '../parts/source-note.js';

/** The four limits, in the order in which they are shown, with the most of each. */
const most = { idleMinutes: 129_600, absoluteHours: 8_760, adminIdleMinutes: 10_080, adminAbsoluteHours: 720 } as const;
export const sessionFields = ['idleMinutes', 'absoluteHours', 'adminIdleMinutes', 'adminAbsoluteHours'] as const;

/** As they are typed; an empty one is the default. */
export type SessionValues = Readonly<Record<(typeof sessionFields)[number], string>>;

export function sessionValuesOf({ security }: SettingsView): SessionValues {
  const shown = (name: (typeof sessionFields)[number]): string => {
    const { value, source } = security.sessions[name];
    return source === 'default' ? '' : String(value ?? '');
  };
  return {
    idleMinutes: shown('idleMinutes'),
    absoluteHours: shown('absoluteHours'),
    adminIdleMinutes: shown('adminIdleMinutes'),
    adminAbsoluteHours: shown('adminAbsoluteHours'),
  };
}

/** Null where none has changed. */
export function sessionChangeOf({ values, changed }: { values: SessionValues; changed: readonly string[] }) {
  const own = sessionFields.filter((field) => changed.includes(field));
  if (own.length === 0) return null;
  return Object.fromEntries(own.map((field) => [field, values[field] === '' ? null : Number(values[field])] as const));
}

interface SessionLimitsProps {
  readonly settings: SettingsView;
  readonly values: SessionValues;
  readonly onChange: (edit: Partial<SessionValues>) => void;
}

/** When people have to sign in again. */
export function SessionLimits({ settings, values, onChange }: SessionLimitsProps) {
  const { text } = useText();
  const { sessions } = settings.security;
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="pb-1 text-title font-semibold">{text('settings.sessions')}</legend>
      <p className="text-small text-soft">{text('settings.sessionsHelp')}</p>
      <div className="grid gap-4 md:grid-cols-2">
        {sessionFields.map((field) => {
          const { value, source } = sessions[field];
          return (
            <TextField
              key={field}
              label={text(`settings.${field}`)}
              help={<SourceNote source={source} />}
              disabled={source === 'manifest'}
              type="number"
              min={field.endsWith('Minutes') ? 5 : 1}
              max={most[field]}
              step={1}
              placeholder={source === 'default' ? String(value) : ''}
              value={values[field]}
              onChange={(event) => onChange({ [field]: event.target.value })}
            />
          );
        })}
      </div>
    </fieldset>
  );
}
