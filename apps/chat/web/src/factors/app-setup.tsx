import { useState } from 'react';
import type { AppSetupView } from '#libs/contracts/security-api.js';
import { Button, buttonClasses } from '#libs/ui/button.js';
import { CopyIconButton } from '#libs/ui/copy-button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { useText } from '#libs/ui/use-text.js';
import { CodeField, isWrongCode } from './code-field.js';
import { QrCode } from './qr-code.js';

interface AppSetupProps {
  readonly setup: AppSetupView;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onConfirm: (code: string) => void;
  readonly onCancel: () => void;
}

function Secret({ secret }: { readonly secret: string }) {
  const { text } = useText();
  return (
    <div>
      <p className="text-small text-soft">{text('factor.setup.secret')}</p>
      <div className="flex items-center gap-1">
        <code dir="ltr" className="min-w-0 flex-1 font-mono text-small break-words" data-testid="app-secret">
          {secret.match(/.{1,4}/g)?.join(' ')}
        </code>
        <CopyIconButton value={() => secret} label={text('factor.setup.copySecret')} />
      </div>
    </div>
  );
}

/** Shows an app the secret, and waits for its first code. */
export function AppSetup({ setup, busy, error, onConfirm, onCancel }: AppSetupProps) {
  const { text } = useText();
  const [code, setCode] = useState('');
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onConfirm(code);
      }}
    >
      <p className="text-body text-soft">{text('factor.setup.scan')}</p>
      <QrCode value={setup.address} label={text('factor.setup.qr')} />
      <a href={setup.address} className={`${buttonClasses('outline', true)} md:hidden`}>
        {text('factor.setup.open')}
      </a>
      <Secret secret={setup.secret} />
      <CodeField kind="totp" value={code} error={error} onChange={setCode} />
      {error !== null && !isWrongCode(error) && <ErrorNotice error={error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onCancel}>{text('ui.cancel')}</Button>
        <Button type="submit" look="solid" busy={busy} data-testid="confirm-app">
          {text('factor.setup.confirm')}
        </Button>
      </div>
    </form>
  );
}
