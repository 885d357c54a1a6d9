import type { SettingsView } from '#libs/contracts/admin-api.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { SelectField, TextAreaField, TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { PageHeading } from '../parts/page-heading.js';
import { SaveBar } from '../parts/save-bar.js';
import { SourceNote } from '../parts/source-note.js';
import { useDraft, useSaveSettings, useSettings, type Draft } from '../parts/use-settings.js';
import { BrandingPreview } from './branding-preview.js';
import { LogoField } from './logo-field.js';

const fields = ['logo', 'primaryColor', 'greeting', 'starters', 'supportEmail', 'locale'] as const;
/** Shown where no colour is set: the platform's own accent. */
const usualColor = '#4a4a48';

/** The form's own shape: texts are never null, an empty one means the default. */
interface BrandingValues {
  readonly logo: string | null;
  readonly primaryColor: string;
  readonly greeting: string;
  readonly starters: string;
  readonly supportEmail: string;
  readonly locale: '' | 'en' | 'de';
}

function valuesOf({ branding }: SettingsView): BrandingValues {
  return {
    logo: branding.logo.value,
    primaryColor: branding.primaryColor.value ?? '',
    greeting: branding.greeting.value ?? '',
    starters: (branding.starters.value ?? []).join('\n'),
    supportEmail: branding.supportEmail.value ?? '',
    locale: branding.locale.value ?? '',
  };
}

const startersOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 4);

function changeOf({ values, changed }: Draft<BrandingValues>) {
  const starters = startersOf(values.starters);
  const all = {
    logo: values.logo,
    primaryColor: values.primaryColor === '' ? null : values.primaryColor,
    greeting: values.greeting.trim() === '' ? null : values.greeting.trim(),
    starters: starters.length === 0 ? null : starters,
    supportEmail: values.supportEmail.trim() === '' ? null : values.supportEmail.trim(),
    locale: values.locale === '' ? null : values.locale,
  };
  return Object.fromEntries(changed.map((field) => [field, all[field]]));
}

interface FieldsProps {
  readonly settings: SettingsView;
  readonly draft: Draft<BrandingValues>;
}

function ColorField({ settings, draft }: FieldsProps) {
  const { text } = useText();
  const { source } = settings.branding.primaryColor;
  const { primaryColor } = draft.values;
  const shown = /^#[0-9a-fA-F]{6}$/.test(primaryColor) ? primaryColor : usualColor;
  return (
    <div className="flex items-start gap-3">
      <input
        type="color"
        aria-label={text('branding.pickColor')}
        disabled={source === 'manifest'}
        value={shown}
        onChange={(event) => draft.change({ primaryColor: event.target.value })}
        className="mt-5.5 h-10.5 w-12 shrink-0 rounded-control border border-edge bg-raised p-1 disabled:opacity-55"
      />
      <div className="min-w-0 flex-1">
        <TextField
          label={text('branding.primaryColor')}
          help={<SourceNote source={source} help={text('branding.primaryColorHelp')} />}
          disabled={source === 'manifest'}
          pattern="#[0-9a-fA-F]{6}"
          placeholder={usualColor}
          value={primaryColor}
          onChange={(event) => draft.change({ primaryColor: event.target.value })}
        />
      </div>
    </div>
  );
}

function Fields({ settings, draft }: FieldsProps) {
  const { text } = useText();
  const { branding } = settings;
  const { values, change } = draft;
  return (
    <>
      <TextField
        label={text('branding.displayName')}
        help={<SourceNote source="manifest" />}
        disabled
        value={settings.displayName.value ?? ''}
      />
      <LogoField logo={values.logo} source={branding.logo.source} onChange={(logo) => change({ logo })} />
      <ColorField settings={settings} draft={draft} />
      <TextField
        label={text('branding.greeting')}
        help={<SourceNote source={branding.greeting.source} help={text('branding.greetingHelp')} />}
        disabled={branding.greeting.source === 'manifest'}
        maxLength={200}
        value={values.greeting}
        onChange={(event) => change({ greeting: event.target.value })}
      />
      <TextAreaField
        label={text('branding.starters')}
        help={<SourceNote source={branding.starters.source} help={text('branding.startersHelp')} />}
        disabled={branding.starters.source === 'manifest'}
        value={values.starters}
        onChange={(event) => change({ starters: event.target.value })}
      />
      <TextField
        label={text('branding.supportEmail')}
        help={<SourceNote source={branding.supportEmail.source} help={text('branding.supportEmailHelp')} />}
        disabled={branding.supportEmail.source === 'manifest'}
        type="email"
        value={values.supportEmail}
        onChange={(event) => change({ supportEmail: event.target.value })}
      />
      <SelectField
        label={text('branding.locale')}
        help={<SourceNote source={branding.locale.source} help={text('branding.localeHelp')} />}
        disabled={branding.locale.source === 'manifest'}
        value={values.locale}
        options={[
          { value: '', label: text('settings.usual') },
          { value: 'en', label: 'English' },
          { value: 'de', label: 'Deutsch' },
        ]}
        onChoose={(value) => change({ locale: value === 'en' || value === 'de' ? value : '' })}
      />
    </>
  );
}

function Form({ settings }: { readonly settings: SettingsView }) {
  const { text } = useText();
  const draft = useDraft(valuesOf(settings), fields);
  const save = useSaveSettings(draft.discard);
  const { values } = draft;
  return (
    <div className="grid gap-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]">
      <form
        className="flex min-w-0 flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ branding: changeOf(draft) });
        }}
      >
        <Fields settings={settings} draft={draft} />
        <SaveBar
          changed={draft.changed.map((field) => text(`branding.${field}`))}
          busy={save.isPending}
          error={save.error}
          onDiscard={draft.discard}
        />
      </form>
      <BrandingPreview
        name={settings.displayName.value ?? ''}
        logo={values.logo}
        color={values.primaryColor === '' ? usualColor : values.primaryColor}
        greeting={values.greeting}
        starters={startersOf(values.starters)}
      />
    </div>
  );
}

/** How the chat looks, with a preview beside it. */
export function BrandingPage() {
  const { text } = useText();
  const settings = useSettings();
  return (
    <>
      <PageHeading title={text('nav.branding')} help={text('branding.help')} />
      {settings.isPending && <Skeleton className="h-96 rounded-card" />}
      {settings.isError && <ErrorNotice error={settings.error} onRetry={() => void settings.refetch()} />}
      {settings.data !== undefined && <Form settings={settings.data} />}
    </>
  );
}
