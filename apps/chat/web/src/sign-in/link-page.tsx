import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button, buttonClasses } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatTime } from '#libs/ui/format.js';
import { Link, navigate } from '#libs/ui/router.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { PasswordField, TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { Door } from './door.js';

/** Read once and taken out of the address and the history at once, so that the link does not linger there. */
const token = location.pathname === '/link' ? location.hash.slice(1) : '';
if (token !== '') history.replaceState(null, '', '/link');

/** A link pasted over this page changes no more than the fragment, which loads nothing by itself. */
window.addEventListener('hashchange', () => {
  if (location.pathname === '/link' && location.hash.length > 1) location.reload();
});

type Purpose = 'owner' | 'invite' | 'reset' | 'handover';

function UseLinkForm({ purpose, email }: { readonly purpose: Purpose; readonly email: string }) {
  const { text } = useText();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const use = useMutation({
    mutationFn: () =>
      api('POST /api/links/use', {
        body: {
          token,
          ...(purpose === 'invite' ? { name: name.trim() } : {}),
          ...(purpose === 'owner' ? {} : { password }),
        },
      }),
    onSuccess: (answer) => {
      if (answer.kind !== 'signed-in') return;
      queries.setQueryData(['me'], answer.me);
      navigate('/', { replace: true });
    },
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        use.mutate();
      }}
    >
      {/* For password managers, which file the new password under it. */}
      {purpose !== 'owner' && <input type="hidden" name="username" autoComplete="username" value={email} readOnly />}
      {purpose === 'invite' && (
        <TextField
          label={text('signIn.name')}
          autoComplete="name"
          required
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      {purpose !== 'owner' && (
        <PasswordField
          label={text('signIn.newPassword')}
          help={text('signIn.passwordHelp')}
          autoComplete="new-password"
          required
          minLength={12}
          maxLength={256}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      )}
      {use.isError && <ErrorNotice error={use.error} />}
      <Button type="submit" look="solid" busy={use.isPending} data-testid="use-link">
        <span className="truncate">{text(`link.${purpose}.submit`, { email })}</span>
      </Button>
    </form>
  );
}

/** The page a one-time link leads to. Opening it uses nothing; only the button does. */
export function LinkPage() {
  const { text, locale } = useText();
  const link = useQuery({
    queryKey: ['link'],
    queryFn: () => api('POST /api/links/inspect', { body: { token } }),
    enabled: token.length >= 20,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const purpose = link.data?.purpose ?? 'owner';
  return (
    <Door title={text(`link.${purpose}.title`)}>
      {link.isLoading && <Skeleton className="h-10" />}
      {token.length < 20 && <p className="text-center text-soft">{text('link.missing')}</p>}
      {link.isError && <ErrorNotice error={link.error} />}
      {link.data !== undefined && (
        <>
          <p className="text-center text-soft">
            {text('link.until', { email: link.data.email, time: formatTime(link.data.expiresAt, locale) })}
          </p>
          <UseLinkForm purpose={purpose} email={link.data.email} />
        </>
      )}
      {(link.isError || token.length < 20) && (
        <Link href="/sign-in" className={buttonClasses('outline')}>
          {text('link.toSignIn')}
        </Link>
      )}
    </Door>
  );
}
