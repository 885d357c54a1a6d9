import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { MeView } from '#libs/contracts/session-api.js';
import { boot } from '#libs/ui/boot.js';
import { Button } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { PasskeyNotice } from '#libs/ui/passkey-notice.js';
import { knowsPasskeys, makePasskey } from '#libs/ui/passkeys.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from '../app/api.js';
import { AppSetup } from '../factors/app-setup.js';
import { RecoveryCodeList } from '../factors/recovery-code-list.js';

interface EnrolmentProps {
  readonly ticket: string;
  readonly onDone: (me: MeView) => void;
  readonly onBack: () => void;
}

function EnrolApp({ ticket, onDone, onBack }: EnrolmentProps) {
  const { text } = useText();
  const setup = useQuery({
    queryKey: ['enrolment', ticket],
    queryFn: () => api('POST /api/sign-in/enrol/totp', { body: { ticket } }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    // A secret is shown once: it does not outlive the page.
    gcTime: 0,
  });
  const confirm = useMutation({
    mutationFn: (code: string) =>
      api('POST /api/sign-in/enrol/totp/confirm', { body: { ticket, setup: setup.data?.setup ?? '', code } }),
  });
  if (confirm.data !== undefined) {
    const { me, recoveryCodes } = confirm.data;
    return <RecoveryCodeList codes={recoveryCodes} onDone={() => onDone(me)} />;
  }
  return (
    <>
      {setup.isPending && <Skeleton className="h-96" />}
      {setup.isError && (
        <>
          <ErrorNotice error={setup.error} />
          <Button onClick={onBack}>{text('signIn.second.back')}</Button>
        </>
      )}
      {setup.data !== undefined && (
        <AppSetup
          setup={setup.data}
          busy={confirm.isPending}
          error={confirm.error}
          onConfirm={(code) => confirm.mutate(code)}
          onCancel={onBack}
        />
      )}
    </>
  );
}

function EnrolPasskey({ ticket, onDone, onApp }: Omit<EnrolmentProps, 'onBack'> & { readonly onApp: () => void }) {
  const { text } = useText();
  const make = useMutation({
    mutationFn: async () => {
      const answer = await makePasskey(await api('POST /api/sign-in/enrol/passkey', { body: { ticket } }));
      const name = text('passkeys.defaultName');
      return api('POST /api/sign-in/enrol/passkey/confirm', { body: { ticket, name, answer } });
    },
  });
  if (make.data !== undefined) {
    const { me, recoveryCodes } = make.data;
    return <RecoveryCodeList codes={recoveryCodes} onDone={() => onDone(me)} />;
  }
  return (
    <>
      {make.isError && <PasskeyNotice error={make.error} />}
      <Button look="solid" busy={make.isPending} onClick={() => make.mutate()} data-testid="enrol-passkey">
        {text('signIn.enrol.passkey')}
      </Button>
      <Button onClick={onApp} data-testid="enrol-app">
        {text('signIn.enrol.app')}
      </Button>
    </>
  );
}

/** Sets a second factor up on the way in, where the organisation asks everybody for one. */
export function Enrolment({ ticket, onDone, onBack }: EnrolmentProps) {
  const { text } = useText();
  const [way, setWay] = useState<'passkey' | 'app'>(knowsPasskeys ? 'passkey' : 'app');
  return (
    <>
      <p className="text-center text-soft">{text('signIn.enrol.text', { name: boot.branding.displayName })}</p>
      {way === 'app' ? (
        <EnrolApp ticket={ticket} onDone={onDone} onBack={onBack} />
      ) : (
        <EnrolPasskey ticket={ticket} onDone={onDone} onApp={() => setWay('app')} />
      )}
    </>
  );
}
