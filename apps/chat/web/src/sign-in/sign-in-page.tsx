import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { MeView } from '#libs/contracts/session-api.js';
import { boot } from '#libs/ui/boot.js';
import { Button, buttonClasses } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { RequestFailure } from '#libs/ui/request-failure.js';
import { navigate, usePath, useSearch } from '#libs/ui/router.js';
import { PasswordField, TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { PasskeyButton } from './passkey-button.js';
import { Door } from './door.js';

/** The app takes the place of the door. */
function enter(me: MeView): void {
  if (location.pathname === '/sign-in') navigate('/', { replace: true });
  queries.setQueryData(['me'], me);
}

/** Codes that may come back in the address; any other gets the general words. Its text is never shown. */
const knownCodes = ['sso_failed', 'sso_unavailable', 'link_invalid', 'forbidden'];

function AddressError() {
  const { text } = useText();
  const [search] = useSearch();
  const code = search.get('error');
  if (code === null) return null;
  const known = knownCodes.includes(code) ? code : 'unknown';
  const id = search.get('id') ?? '';
  const view = {
    code: known,
    message: text(`signIn.error.${known}`),
    action: text(`signIn.error.${known}.action`),
    requestId: /^[\w-]{1,64}$/.test(id) ? id : '',
    retryable: false,
  };
  return <ErrorNotice error={new RequestFailure(view, 401)} />;
}

function PasswordForm() {
  const { text } = useText();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => api('POST /api/sign-in/password', { body: { email: email.trim(), password } }),
    onSuccess: (answer) => {
      if (answer.kind === 'signed-in') enter(answer.me);
    },
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate();
      }}
    >
      <TextField
        label={text('signIn.email')}
        type="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <PasswordField
        label={text('signIn.password')}
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {signIn.isError && <ErrorNotice error={signIn.error} />}
      <Button type="submit" look="solid" busy={signIn.isPending} data-testid="sign-in">
        {text('signIn.submit')}
      </Button>
    </form>
  );
}

/** Password, the organisation's identity provider, or both. */
export function SignInPage() {
  const { text } = useText();
  const path = usePath();
  const { passwordsFor, sso } = boot.signIn;
  // Owners keep a way in, out of everybody else's way.
  const [wantsPassword, setWantsPassword] = useState(false);
  const password = sso === null || passwordsFor === 'everybody' || wantsPassword;
  const returnTo = path === '/sign-in' ? '/' : path;
  return (
    <Door title={text('signIn.title')}>
      <AddressError />
      {sso !== null && (
        <a
          href={`/api/sign-in/sso?returnTo=${encodeURIComponent(returnTo)}`}
          className={buttonClasses(password ? 'outline' : 'solid')}
          data-testid="sign-in-sso"
        >
          <span className="truncate">{text('signIn.sso', { host: sso.label })}</span>
        </a>
      )}
      {sso !== null && password && (
        <div className="flex items-center gap-3 text-small text-soft">
          <span className="h-px flex-1 bg-line" />
          {text('signIn.or')}
          <span className="h-px flex-1 bg-line" />
        </div>
      )}
      {password && <PasswordForm />}
      {password && <PasskeyButton onSignedIn={enter} />}
      {!password && (
        <Button look="quiet" onClick={() => setWantsPassword(true)} data-testid="owner-sign-in">
          {text('signIn.owner')}
        </Button>
      )}
      {password && <p className="text-center text-small text-soft">{text('signIn.forgot')}</p>}
    </Door>
  );
}
