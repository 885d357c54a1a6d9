import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import type { MeView } from '#libs/contracts/session-api.js';
import { Button } from '#libs/ui/button.js';
import { PasskeyNotice } from '#libs/ui/passkey-notice.js';
import { askForPasskey, knowsPasskeys } from '#libs/ui/passkeys.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from '../app/api.js';

/** Signs in with a passkey alone: no name, no password. */
export function PasskeyButton({ onSignedIn }: { readonly onSignedIn: (me: MeView) => void }) {
  const { text } = useText();
  const signIn = useMutation({
    mutationFn: async () => {
      const answer = await askForPasskey(await api('POST /api/sign-in/passkey/options'));
      return api('POST /api/sign-in/passkey', { body: { answer } });
    },
    onSuccess: onSignedIn,
  });
  if (!knowsPasskeys) return null;
  return (
    <div className="flex flex-col gap-2">
      <Button busy={signIn.isPending} onClick={() => signIn.mutate()} data-testid="passkey-sign-in">
        <KeyRound size={16} aria-hidden />
        {text('signIn.passkey')}
      </Button>
      {signIn.isError && <PasskeyNotice error={signIn.error} />}
    </div>
  );
}
