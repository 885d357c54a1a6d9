import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { MeView, SignInView } from '#libs/contracts/session-api.js';
import { Button } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { PasskeyNotice } from '#libs/ui/passkey-notice.js';
import { askForPasskey, knowsPasskeys } from '#libs/ui/passkeys.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from '../app/api.js';
import { CodeField, type CodeKind, isWrongCode } from '../factors/code-field.js';
import { Door } from './door.js';
import { Enrolment } from './enrolment.js';

/** A sign-in that waits for its second step. */
export type WaitingSignIn = Exclude<SignInView, { kind: 'signed-in' }>;

interface StepProps<Step> {
  readonly step: Step;
  readonly onDone: (me: MeView) => void;
  /** Back to the first step. */
  readonly onBack: () => void;
}

interface FormProps {
  readonly ticket: string;
  readonly onDone: (me: MeView) => void;
}

type Asked = Extract<WaitingSignIn, { kind: 'second-factor' }>;

function ShowCode({ ticket, kind, onDone }: { readonly kind: CodeKind } & FormProps) {
  const { text } = useText();
  const [code, setCode] = useState('');
  const show = useMutation({
    mutationFn: () => api('POST /api/sign-in/second-factor', { body: { ticket, factor: { kind, code: code.trim() } } }),
    onSuccess: ({ me }) => onDone(me),
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        show.mutate();
      }}
    >
      <p className="text-center text-soft">{text(`signIn.second.${kind}`)}</p>
      <CodeField kind={kind} value={code} error={show.error} onChange={setCode} />
      {show.isError && !isWrongCode(show.error) && <ErrorNotice error={show.error} />}
      <Button type="submit" look="solid" busy={show.isPending} data-testid="show-factor">
        {text('signIn.submit')}
      </Button>
    </form>
  );
}

function ShowPasskey({ ticket, onDone }: FormProps) {
  const { text } = useText();
  const show = useMutation({
    mutationFn: async () => {
      const answer = await askForPasskey(
        await api('POST /api/sign-in/second-factor/passkey-options', { body: { ticket } }),
      );
      return api('POST /api/sign-in/second-factor', { body: { ticket, factor: { kind: 'passkey', answer } } });
    },
    onSuccess: ({ me }) => onDone(me),
  });
  return (
    <div className="flex flex-col gap-4">
      <p className="text-center text-soft">{text('signIn.second.passkey')}</p>
      {show.isError && <PasskeyNotice error={show.error} />}
      <Button look="solid" busy={show.isPending} onClick={() => show.mutate()} data-testid="show-passkey">
        {text('signIn.second.ask')}
      </Button>
    </div>
  );
}

/** What this browser can show, in the order in which it is offered. */
function usable(factors: Asked['factors']): Asked['factors'] {
  const shown = factors.filter((factor) => factor !== 'passkey' || knowsPasskeys);
  // Somebody who has nothing else is told so by the passkey itself.
  return shown.length > 0 ? shown : factors;
}

function ShowFactor({ step, onDone, onBack }: StepProps<Asked>) {
  const { text } = useText();
  const kinds = usable(step.factors);
  const [kind, setKind] = useState(kinds[0] ?? 'totp');
  const form = { ticket: step.ticket, onDone };
  return (
    <div className="flex flex-col gap-4">
      {kind === 'passkey' ? <ShowPasskey {...form} /> : <ShowCode key={kind} kind={kind} {...form} />}
      {kinds
        .filter((one) => one !== kind)
        .map((other) => (
          <Button key={other} look="quiet" onClick={() => setKind(other)} data-testid="other-factor">
            {text(`signIn.second.use.${other}`)}
          </Button>
        ))}
      <Button look="quiet" onClick={onBack}>
        {text('signIn.second.back')}
      </Button>
    </div>
  );
}

/** The second step of a sign-in: a second factor is shown, or set up. */
export function SecondStep({ step, onDone, onBack }: StepProps<WaitingSignIn>) {
  const { text } = useText();
  return (
    <Door title={text(`signIn.second.${step.kind}.title`)}>
      {step.kind === 'second-factor' ? (
        <ShowFactor step={step} onDone={onDone} onBack={onBack} />
      ) : (
        <Enrolment ticket={step.ticket} onDone={onDone} onBack={onBack} />
      )}
    </Door>
  );
}
