import { useMutation, useQuery } from '@tanstack/react-query';
import type { BackendView, SettingsView } from '#libs/contracts/admin-api.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { Switch } from '#libs/ui/switch.js';
import { SelectField, TextAreaField } from '#libs/ui/text-field.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { Badge } from '../parts/badge.js';
import { PageHeading, Section } from '../parts/page-heading.js';
import { SaveBar } from '../parts/save-bar.js';
import { SourceNote } from '../parts/source-note.js';
import { useDraft, useSaveSettings, useSettings, type Draft } from '../parts/use-settings.js';
import { ModelListField } from './model-list-field.js';

function Backend({ backend }: { readonly backend: BackendView }) {
  const { text } = useText();
  const use = useMutation({
    mutationFn: (wanted: boolean) =>
      api('PUT /api/backends/:name/use', { params: { name: backend.name }, body: { use: wanted } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['backends'] }),
    onError: () => showToast(text('app.actionFailed')),
  });
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line p-4 last:border-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {backend.name}
          <Badge>{text(`backend.source.${backend.source}`)}</Badge>
          <Badge look={backend.reachable ? 'good' : 'danger'}>
            {text(backend.reachable ? 'backend.reachable' : 'backend.unreachable')}
          </Badge>
        </p>
        <p className="text-small break-all text-soft">{[backend.provider, backend.url].filter(Boolean).join(' · ')}</p>
        {backend.problem !== null && <p className="pt-1 text-small text-danger">{backend.problem}</p>}
        {backend.models.length > 0 && (
          <ul className="flex flex-wrap gap-1.5 pt-2">
            {backend.models.map((model) => (
              <li key={model.id}>
                <Badge look={model.allowed ? 'accent' : 'plain'}>
                  {model.allowed ? model.id : text('backend.notAllowed', { model: model.id })}
                </Badge>
              </li>
            ))}
          </ul>
        )}
      </div>
      {backend.source === 'found' && (
        <Switch
          label={text('backend.use')}
          checked={backend.used}
          disabled={use.isPending}
          onChange={(wanted) => use.mutate(wanted)}
        />
      )}
    </li>
  );
}

const fields = ['default', 'allow', 'fallback', 'systemPrompt'] as const;

interface ModelValues {
  readonly default: string;
  readonly allow: readonly string[];
  readonly fallback: readonly string[];
  readonly systemPrompt: string;
}

function valuesOf({ models }: SettingsView): ModelValues {
  return {
    default: models.default.value ?? '',
    allow: models.allow.value ?? [],
    fallback: models.fallback.value ?? [],
    systemPrompt: models.systemPrompt.value ?? '',
  };
}

function changeOf({ values, changed }: Draft<ModelValues>) {
  const all = {
    default: values.default === '' ? null : values.default,
    allow: values.allow.length === 0 ? null : [...values.allow],
    fallback: values.fallback.length === 0 ? null : [...values.fallback],
    systemPrompt: values.systemPrompt.trim() === '' ? null : values.systemPrompt,
  };
  return Object.fromEntries(changed.map((field) => [field, all[field]]));
}

interface FormProps {
  readonly settings: SettingsView;
  readonly models: readonly string[];
}

function Form({ settings, models }: FormProps) {
  const { text } = useText();
  const draft = useDraft(valuesOf(settings), fields);
  const save = useSaveSettings(draft.discard);
  const { values, change } = draft;
  const source = (field: (typeof fields)[number]) => settings.models[field].source;
  const choices = [...new Set([...models, ...(values.default === '' ? [] : [values.default])])];
  return (
    <form
      className="flex max-w-2xl flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ models: changeOf(draft) });
      }}
    >
      <SelectField
        label={text('models.default')}
        help={<SourceNote source={source('default')} help={text('models.defaultHelp')} />}
        disabled={source('default') === 'manifest'}
        value={values.default}
        options={[
          { value: '', label: text('settings.usual') },
          ...choices.map((model) => ({ value: model, label: model })),
        ]}
        onChoose={(model) => change({ default: model })}
      />
      <ModelListField
        label={text('models.allow')}
        help={text('models.allowHelp')}
        source={source('allow')}
        chosen={values.allow}
        models={models}
        onChange={(allow) => change({ allow })}
      />
      <ModelListField
        label={text('models.fallback')}
        help={text('models.fallbackHelp')}
        source={source('fallback')}
        chosen={values.fallback}
        models={models}
        onChange={(fallback) => change({ fallback })}
      />
      <TextAreaField
        label={text('models.systemPrompt')}
        help={<SourceNote source={source('systemPrompt')} help={text('models.systemPromptHelp')} />}
        disabled={source('systemPrompt') === 'manifest'}
        maxLength={8000}
        rows={6}
        value={values.systemPrompt}
        onChange={(event) => change({ systemPrompt: event.target.value })}
      />
      <SaveBar
        changed={draft.changed.map((field) => text(`models.${field}`))}
        busy={save.isPending}
        error={save.error}
        onDiscard={draft.discard}
      />
    </form>
  );
}

/** Model servers, and which models people get. */
export function ModelsPage() {
  const { text } = useText();
  const backends = useQuery({ queryKey: ['backends'], queryFn: () => api('GET /api/backends') });
  const settings = useSettings();
  const list = backends.data?.backends;
  const chatModels =
    list?.flatMap(({ models }) => models.filter(({ kind }) => kind === 'chat').map(({ id }) => id)) ?? [];
  const error = backends.error ?? settings.error;
  return (
    <>
      <PageHeading title={text('nav.models')} help={text('models.help')} />
      {error !== null && <ErrorNotice error={error} />}
      <Section title={text('backend.title')} help={text('backend.help')}>
        {list === undefined && !backends.isError && <Skeleton className="h-32 rounded-card" />}
        {list?.length === 0 && (
          <p className="rounded-card border border-line px-4 py-8 text-center text-soft">{text('backend.empty')}</p>
        )}
        {list !== undefined && list.length > 0 && (
          <ul className="rounded-card border border-line">
            {list.map((backend) => (
              <Backend key={backend.name} backend={backend} />
            ))}
          </ul>
        )}
      </Section>
      <Section title={text('models.choice')}>
        {settings.isPending && <Skeleton className="h-72 rounded-card" />}
        {settings.data !== undefined && <Form settings={settings.data} models={[...new Set(chatModels)]} />}
      </Section>
    </>
  );
}
