import type { SettingsChange, SettingsView } from '#libs/contracts/admin-api.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { Switch } from '#libs/ui/switch.js';
import { TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { PageHeading } from '../parts/page-heading.js';
import { SaveBar } from '../parts/save-bar.js';
import { SourceNote } from '../parts/source-note.js';
import {
  SessionLimits,
  sessionChangeOf,
  sessionFields,
  sessionValuesOf,
  type SessionValues,
} from './session-limits.js';
import { useDraft, useSaveSettings, useSettings, type Draft } from '../parts/use-settings.js';

const fields = [
  'monthlyUsd',
  'hardStop',
  'rpm',
  'tpm',
  'concurrent',
  'secondFactor',
  'discover',
  ...sessionFields,
] as const;
const limits = ['rpm', 'tpm', 'concurrent'] as const;

/** The form's own shape: numbers as they are typed, an empty one means no limit. */
interface LimitValues extends SessionValues {
  readonly monthlyUsd: string;
  readonly hardStop: boolean;
  readonly discover: boolean;
  readonly secondFactor: boolean;
  readonly rpm: string;
  readonly tpm: string;
  readonly concurrent: string;
}

function valuesOf(settings: SettingsView): LimitValues {
  const { models, security } = settings;
  const rates = models.rateLimits.value;
  return {
    monthlyUsd: models.monthlyUsd.value ?? '',
    hardStop: models.hardStop.value ?? false,
    discover: models.discover.value ?? false,
    secondFactor: security.secondFactor.value === 'required',
    rpm: String(rates?.rpm ?? ''),
    tpm: String(rates?.tpm ?? ''),
    concurrent: String(rates?.concurrent ?? ''),
    ...sessionValuesOf(settings),
  };
}

function changeOf({ values, changed }: Draft<LimitValues>): SettingsChange {
  const set = limits.filter((limit) => values[limit] !== '').map((limit) => [limit, Number(values[limit])] as const);
  const rateLimits = set.length === 0 ? null : Object.fromEntries(set);
  const models = {
    ...(changed.includes('monthlyUsd') ? { monthlyUsd: values.monthlyUsd === '' ? null : values.monthlyUsd } : {}),
    ...(changed.includes('hardStop') ? { hardStop: values.hardStop } : {}),
    ...(changed.includes('discover') ? { discover: values.discover } : {}),
    ...(limits.some((limit) => changed.includes(limit)) ? { rateLimits } : {}),
  };
  return Object.keys(models).length === 0 ? {} : { models };
}

/** Nothing where none has changed: this takes a fresh proof of who one is. */
function securityChangeOf(draft: Draft<LimitValues>): SettingsChange {
  const { values, changed } = draft;
  const sessions = sessionChangeOf(draft);
  const secondFactor = values.secondFactor ? ('required' as const) : ('optional' as const);
  const security = {
    ...(changed.includes('secondFactor') ? { secondFactor } : {}),
    ...(sessions === null ? {} : { sessions }),
  };
  return Object.keys(security).length === 0 ? {} : { security };
}

interface FieldsProps {
  readonly settings: SettingsView;
  readonly draft: Draft<LimitValues>;
}

function Budget({ settings, draft }: FieldsProps) {
  const { text } = useText();
  const { monthlyUsd, hardStop } = settings.models;
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="pb-3 text-title font-semibold">{text('settings.budget')}</legend>
      <TextField
        label={text('settings.monthlyUsd')}
        help={<SourceNote source={monthlyUsd.source} help={text('settings.monthlyUsdHelp')} />}
        disabled={monthlyUsd.source === 'manifest'}
        inputMode="decimal"
        pattern="\d{1,9}(\.\d{1,6})?"
        placeholder={text('settings.noLimit')}
        value={draft.values.monthlyUsd}
        onChange={(event) => draft.change({ monthlyUsd: event.target.value.trim() })}
      />
      <div>
        <Switch
          label={text('settings.hardStop')}
          disabled={hardStop.source === 'manifest'}
          checked={draft.values.hardStop}
          onChange={(checked) => draft.change({ hardStop: checked })}
        />
        <div className="text-small text-soft">
          <SourceNote source={hardStop.source} help={text('settings.hardStopHelp')} />
        </div>
      </div>
    </fieldset>
  );
}

function Rates({ settings, draft }: FieldsProps) {
  const { text } = useText();
  const { source } = settings.models.rateLimits;
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="pb-1 text-title font-semibold">{text('settings.rates')}</legend>
      <div className="text-small text-soft">
        <SourceNote source={source} help={text('settings.ratesHelp')} />
      </div>
      <div className="grid gap-4 md:grid-cols-3">
        {limits.map((limit) => (
          <TextField
            key={limit}
            label={text(`settings.${limit}`)}
            disabled={source === 'manifest'}
            type="number"
            min={1}
            step={1}
            placeholder={text('settings.noLimit')}
            value={draft.values[limit]}
            onChange={(event) => draft.change({ [limit]: event.target.value })}
          />
        ))}
      </div>
    </fieldset>
  );
}

function SignInRules({ settings, draft }: FieldsProps) {
  const { text } = useText();
  const { source } = settings.security.secondFactor;
  return (
    <fieldset>
      <legend className="pb-3 text-title font-semibold">{text('settings.signIn')}</legend>
      <Switch
        label={text('settings.secondFactor')}
        disabled={source === 'manifest'}
        checked={draft.values.secondFactor}
        onChange={(checked) => draft.change({ secondFactor: checked })}
      />
      <div className="text-small text-soft">
        <SourceNote source={source} help={text('settings.secondFactorHelp')} />
      </div>
    </fieldset>
  );
}

function Form({ settings }: { readonly settings: SettingsView }) {
  const { text } = useText();
  const draft = useDraft(valuesOf(settings), fields);
  const save = useSaveSettings(draft.discard);
  const { discover } = settings.models;
  return (
    <form
      className="flex max-w-2xl flex-col gap-8"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ ...changeOf(draft), ...securityChangeOf(draft) });
      }}
    >
      <Budget settings={settings} draft={draft} />
      <Rates settings={settings} draft={draft} />
      <SignInRules settings={settings} draft={draft} />
      <fieldset>
        <legend className="pb-3 text-title font-semibold">{text('settings.found')}</legend>
        <Switch
          label={text('settings.discover')}
          disabled={discover.source === 'manifest'}
          checked={draft.values.discover}
          onChange={(checked) => draft.change({ discover: checked })}
        />
        <div className="text-small text-soft">
          <SourceNote source={discover.source} help={text('settings.discoverHelp')} />
        </div>
      </fieldset>
      <SessionLimits settings={settings} values={draft.values} onChange={draft.change} />
      <SaveBar
        changed={draft.changed.map((field) => text(`settings.${field}`))}
        busy={save.isPending}
        error={save.error}
        onDiscard={draft.discard}
      />
    </form>
  );
}

/** Budget, limits, what is used without asking, and when people have to sign in again. */
export function SettingsPage() {
  const { text } = useText();
  const settings = useSettings();
  return (
    <>
      <PageHeading title={text('nav.settings')} help={text('settings.help')} />
      {settings.isPending && <Skeleton className="h-96 rounded-card" />}
      {settings.isError && <ErrorNotice error={settings.error} onRetry={() => void settings.refetch()} />}
      {settings.data !== undefined && <Form settings={settings.data} />}
    </>
  );
}
