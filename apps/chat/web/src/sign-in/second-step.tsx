import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { MeView, SignInView } from '#libs/contracts/session-api.js';
import { Button } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
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

type Asked = Extract<WaitingSignIn, { kind: 'second-factor' }>;

function ShowFactor({ step, onDone, onBack }: StepProps<Asked>) {
  const { text } = useText();
  const kinds = (['totp', 'recovery-code'] as const).filter((kind) => step.factors.includes(kind));
  const [kind, setKind] = useState<CodeKind>(kinds[0] ?? 'totp');
  const [code, setCode] = useState('');
  const show = useMutation({
    mutationFn: () =>
      api('POST /api/sign-in/second-factor', { body: { ticket: step.ticket, factor: { kind, code: code.trim() } } }),
    onSuccess: ({ me }) => onDone(me),
  });
  const other = kinds.find((one) => one !== kind);
  const choose = (next: CodeKind): void => {
    setKind(next);
    setCode('');
    show.reset();
  };
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
      {other !== undefined && (
        <Button look="quiet" onClick={() => choose(other)} data-testid="other-factor">
          {text(`signIn.second.use.${other}`)}
        </Button>
      )}
      <Button look="quiet" onClick={onBack}>
        {text('signIn.second.back')}
      </Button>
    </form>
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
