import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConfirmProof } from '#libs/contracts/session-api.js';
import { boot } from './boot.js';
import { Button, buttonClasses } from './button.js';
import { Dialog } from './dialog.js';
import { ErrorNotice } from './error-notice.js';
import { type IdentityCheck, useIdentityCheck } from './identity-check.js';
import { errorView } from './request-failure.js';
import { PasswordField } from './text-field.js';
import { useText } from './use-text.js';

interface ConfirmIdentityProps {
  readonly confirm: (proof: ConfirmProof) => Promise<unknown>;
  /** Where the identity provider is asked, and leads back to this page. */
  readonly providerUrl: () => string;
}

interface CheckProps extends ConfirmIdentityProps {
  readonly check: IdentityCheck;
}

function PasswordProof({ check, confirm }: CheckProps) {
  const { text } = useText();
  const [password, setPassword] = useState('');
  const proof = useMutation({
    mutationFn: () => confirm({ kind: 'password', password }),
    onSuccess: () => check.done(true),
    onError: (error) => {
      if (errorView(error).code === 'unauthenticated') check.done(false);
    },
  });
  const isWrong = proof.isError && errorView(proof.error).code === 'sign_in_failed';
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        proof.mutate();
      }}
    >
      <PasswordField
        label={text('ui.confirm.password')}
        autoComplete="current-password"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- a modal layer of one field, whose first button would close it
        autoFocus
        required
        maxLength={256}
        error={isWrong ? text('ui.confirm.wrong') : undefined}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {proof.isError && !isWrong && <ErrorNotice error={proof.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => check.done(false)}>{text('ui.cancel')}</Button>
        <Button type="submit" look="solid" busy={proof.isPending} data-testid="confirm-identity">
          {text('ui.confirm.confirm')}
        </Button>
      </div>
    </form>
  );
}

/** The page is left, so that what is typed in it and not saved is gone: this says so before. */
function ProviderProof({ check, providerUrl }: CheckProps) {
  const { text } = useText();
  const isOnlyWay = !check.ways.includes('password');
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
  const { text } = useText();
  const check = useIdentityCheck();
  if (check === null) return null;
  const hasPassword = check.ways.includes('password');
  const hasProvider = check.ways.includes('provider');
  const isStuck = !hasPassword && !hasProvider;
  return (
    <Dialog
      open
      above
      onClose={() => check.done(false)}
      title={text('ui.confirm.title')}
      description={text(isStuck ? 'ui.confirm.noWay' : 'ui.confirm.text')}
    >
      {hasPassword && <PasswordProof {...props} check={check} />}
      {hasProvider && <ProviderProof {...props} check={check} />}
      {!hasPassword && (
        <div className="flex justify-end">
          <Button onClick={() => check.done(false)}>{text('ui.cancel')}</Button>
        </div>
      )}
    </Dialog>
  );
}
