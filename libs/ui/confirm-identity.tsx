import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { ConfirmProof } from '#libs/contracts/security-api.js';
import type { PasskeyOptions } from '#libs/contracts/passkey-api.js';
import { boot } from './boot.js';
import { Button, buttonClasses } from './button.js';
import { Dialog } from './dialog.js';
import { ErrorNotice } from './error-notice.js';
import { type IdentityCheck, useIdentityCheck } from './identity-check.js';
import { errorView } from './request-failure.js';
import { PasskeyNotice } from './passkey-notice.js';
import { askForPasskey, knowsPasskeys } from './passkeys.js';
import { PasswordField, TextField } from './text-field.js';
import { useText } from './use-text.js';

interface ConfirmIdentityProps {
  readonly confirm: (proof: ConfirmProof) => Promise<unknown>;
  readonly askPasskey: () => Promise<PasskeyOptions>;
  /** Where the identity provider is asked, and leads back to this page. */
  readonly providerUrl: () => string;
}

interface CheckProps extends ConfirmIdentityProps {
  readonly check: IdentityCheck;
}

interface TypedForm {
  readonly isBusy: boolean;
  readonly problem: Error | null;
  readonly onCancel: () => void;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

function TypedProof({ isBusy, problem, onCancel, onSubmit, children }: TypedForm) {
  const { text } = useText();
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      {problem !== null && <ErrorNotice error={problem} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onCancel}>{text('ui.cancel')}</Button>
        <Button type="submit" look="solid" busy={isBusy} data-testid="confirm-identity">
          {text('ui.confirm.confirm')}
        </Button>
      </div>
    </form>
  );
}

/** Sends a proof; a session that is over meanwhile ends the matter. */
function useProof<Given>({ check, confirm }: CheckProps, proofOf: (given: Given) => Promise<ConfirmProof>) {
  return useMutation({
    mutationFn: async (given: Given) => confirm(await proofOf(given)),
    onSuccess: () => check.done(true),
    onError: (error) => {
      if (errorView(error).code === 'unauthenticated') check.done(false);
    },
  });
}

const password = (typed: string): Promise<ConfirmProof> => Promise.resolve({ kind: 'password', password: typed });
const code = (typed: string): Promise<ConfirmProof> => Promise.resolve({ kind: 'totp', code: typed });

/** Either a password or the code of an app. */
function SecretProof({ way, ...props }: CheckProps & { readonly way: 'password' | 'totp' }) {
  const { text } = useText();
  const [typed, setTyped] = useState('');
  const proof = useProof(props, way === 'password' ? password : code);
  const isWrong = proof.isError && ['sign_in_failed', 'second_factor_failed'].includes(errorView(proof.error).code);
  const field = {
    label: text(`ui.confirm.${way}`),
    required: true,
    error: isWrong ? text(`ui.confirm.${way}.wrong`) : undefined,
    value: typed,
    onChange: (event: { readonly target: { readonly value: string } }) => setTyped(event.target.value),
  } as const;
  return (
    <TypedProof
      isBusy={proof.isPending}
      problem={isWrong ? null : proof.error}
      onCancel={() => props.check.done(false)}
      onSubmit={() => proof.mutate(typed)}
    >
      {way === 'password' ? (
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- a modal layer of one field, whose first button would close it
        <PasswordField {...field} autoComplete="current-password" autoFocus maxLength={256} />
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- a modal layer of one field, whose first button would close it
        <TextField {...field} autoComplete="one-time-code" inputMode="numeric" dir="ltr" autoFocus maxLength={12} />
      )}
    </TypedProof>
  );
}

function PasskeyWay(props: CheckProps) {
  const { text } = useText();
  const proof = useProof<null>(props, async () => ({
    kind: 'passkey',
    answer: await askForPasskey(await props.askPasskey()),
  }));
  return (
    <div className="flex flex-col gap-4">
      {proof.isError && <PasskeyNotice error={proof.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => props.check.done(false)}>{text('ui.cancel')}</Button>
        <Button look="solid" busy={proof.isPending} onClick={() => proof.mutate(null)} data-testid="confirm-passkey">
          {text('ui.confirm.passkey')}
        </Button>
      </div>
    </div>
  );
}

/** The page is left, so that what is typed in it and not saved is gone: this says so before. */
function ProviderProof({ check, providerUrl }: CheckProps) {
  const { text } = useText();
  const isOnlyWay = check.ways.length === 1;
  return (
    <div className="flex flex-col gap-2">
      <a
        href={providerUrl()}
        className={buttonClasses(isOnlyWay ? 'solid' : 'outline')}
        data-testid="confirm-at-provider"
      >
        {text('ui.confirm.provider', { name: boot.signIn.sso?.label ?? '' })}
      </a>
      <p className="text-small text-soft">{text('ui.confirm.leaves')}</p>
    </div>
  );
}

/** Asks for a new proof of who somebody is, once in a page: the API client shows it and then repeats the request. */
export function ConfirmIdentity(props: ConfirmIdentityProps) {
  const check = useIdentityCheck();
  if (check === null) return null;
  return <Asked {...props} check={check} key={check.ways.join()} />;
}

const typedWays = ['passkey', 'totp', 'password'] as const;

function Asked(props: CheckProps) {
  const { text } = useText();
  const { check } = props;
  const own = typedWays.filter((way) => check.ways.includes(way) && (way !== 'passkey' || knowsPasskeys));
  const [way, setWay] = useState(own[0] ?? null);
  const hasProvider = check.ways.includes('provider');
  return (
    <Dialog
      open
      above
      onClose={() => check.done(false)}
      title={text('ui.confirm.title')}
      description={text(way === null && !hasProvider ? 'ui.confirm.noWay' : 'ui.confirm.text')}
    >
      {way === 'passkey' && <PasskeyWay {...props} />}
      {(way === 'password' || way === 'totp') && <SecretProof key={way} way={way} {...props} />}
      {own
        .filter((one) => one !== way)
        .map((other) => (
          <Button key={other} look="quiet" onClick={() => setWay(other)} data-testid="other-proof">
            {text(`ui.confirm.use.${other}`)}
          </Button>
        ))}
      {hasProvider && <ProviderProof {...props} />}
      {way === null && (
        <div className="flex justify-end">
          <Button onClick={() => check.done(false)}>{text('ui.cancel')}</Button>
        </div>
      )}
    </Dialog>
  );
}
