import { ErrorNotice } from './error-notice.js';
import { PasskeyProblem } from './passkeys.js';
import { useText } from './use-text.js';

/** What went wrong with a passkey, in the browser or at the server. */
export function PasskeyNotice({ error }: { readonly error: Error }) {
  const { text } = useText();
  if (!(error instanceof PasskeyProblem)) return <ErrorNotice error={error} />;
  return (
    <p role="alert" className="text-small text-soft">
      {text(`ui.passkey.${error.kind}`)}
    </p>
  );
}
