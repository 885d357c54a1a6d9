import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { boot } from '#libs/ui/boot.js';
import { Button } from '#libs/ui/button.js';
import { CopyIconButton } from '#libs/ui/copy-button.js';
import { Dialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { SelectField, TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { ShownOnce } from '../parts/shown-once.js';
import { LimitFields, limitsOf, noLimits } from './limit-fields.js';

/** The scopes of libs/contracts/admin-api.ts. */
const scopes = ['chat', 'embeddings', 'models'] as const;
type Scope = (typeof scopes)[number];
const lifetimes = ['30', '90', '365', 'never'];

/** Stands in the examples where no chat model is known yet. */
const placeholder = 'MODEL_ID';

function useExampleModel(): string {
  const backends = useQuery({ queryKey: ['backends'], queryFn: () => api('GET /api/backends'), retry: false });
  const models = backends.data?.backends.flatMap((backend) => (backend.used ? backend.models : [])) ?? [];
  return models.find((model) => model.kind === 'chat' && model.allowed)?.id ?? placeholder;
}

function curlExample(secret: string, model: string): string {
  return [
    `curl ${boot.chatUrl}/v1/chat/completions \\`,
    `  -H "Authorization: Bearer ${secret}" \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`,
  ].join('\n');
}

function sdkExample(secret: string, model: string): string {
  return [
    "import OpenAI from 'openai';",
    '',
    `const client = new OpenAI({ baseURL: '${boot.chatUrl}/v1', apiKey: '${secret}' });`,
    'const answer = await client.chat.completions.create({',
    `  model: '${model}',`,
    "  messages: [{ role: 'user', content: 'Hello' }],",
    '});',
  ].join('\n');
}

function Example({ title, code }: { readonly title: string; readonly code: string }) {
  return (
    <figure className="min-w-0 overflow-hidden rounded-card border border-line bg-sunken">
      <figcaption className="flex items-center justify-between border-b border-line ps-3 pe-1 text-small text-soft">
        {title}
        <CopyIconButton value={() => code} />
      </figcaption>
      <pre tabIndex={0} role="region" aria-label={title} className="overflow-x-auto p-3 font-mono text-small">
        {code}
      </pre>
    </figure>
  );
}

function Made({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  const { text } = useText();
  const model = useExampleModel();
  return (
    <Dialog open wide onClose={onClose} title={text('keys.made')} description={text('keys.madeText')}>
      <ShownOnce label={text('keys.secret')} value={secret} />
      <Example title="curl" code={curlExample(secret, model)} />
      <Example title="OpenAI SDK" code={sdkExample(secret, model)} />
      <div className="flex justify-end">
        <Button onClick={onClose}>{text('ui.close')}</Button>
      </div>
    </Dialog>
  );
}

interface ScopeBoxesProps {
  readonly chosen: readonly Scope[];
  readonly onChange: (chosen: readonly Scope[]) => void;
}

function ScopeBoxes({ chosen, onChange }: ScopeBoxesProps) {
  const { text } = useText();
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="pb-1 text-small font-medium">{text('keys.scopes')}</legend>
      {scopes.map((scope) => (
        <label key={scope} className="flex min-h-7 items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={chosen.includes(scope)}
            onChange={(event) =>
              onChange(event.target.checked ? [...chosen, scope] : chosen.filter((other) => other !== scope))
            }
          />
          {text(`keys.scope.${scope}`)}
        </label>
      ))}
    </fieldset>
  );
}

/** Makes an API key and shows it once, with a first call to try. */
export function NewKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const { text } = useText();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly Scope[]>(scopes);
  const [lifetime, setLifetime] = useState('90');
  const [limits, setLimits] = useState(noLimits);
  const make = useMutation({
    mutationFn: () =>
      api('POST /api/keys', {
        body: {
          name: name.trim(),
          scopes: [...chosen],
          limits: limitsOf(limits),
          expiresInDays: lifetime === 'never' ? null : Number(lifetime),
        },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  });
  if (make.isSuccess) return <Made secret={make.data.secret} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={text('keys.new')}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <TextField
          label={text('keys.name')}
          help={text('keys.nameHelp')}
          required
          maxLength={80}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <ScopeBoxes chosen={chosen} onChange={setChosen} />
        <SelectField
          label={text('keys.lifetime')}
          value={lifetime}
          options={lifetimes.map((value) => ({
            value,
            label: value === 'never' ? text('keys.noEnd') : text('keys.days', { count: Number(value) }),
          }))}
          onChoose={setLifetime}
        />
        <LimitFields limits={limits} onChange={setLimits} />
        {make.isError && <ErrorNotice error={make.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{text('ui.cancel')}</Button>
          <Button type="submit" look="solid" disabled={chosen.length === 0} busy={make.isPending}>
            {text('keys.make')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
