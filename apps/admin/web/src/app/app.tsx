import { boot } from '#libs/ui/boot.js';
import { buttonClasses } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { Logo } from '#libs/ui/logo.js';
import { usePath } from '#libs/ui/router.js';
import { useText } from '#libs/ui/use-text.js';
import { EnterPage } from './enter-page.js';
import { Shell } from './shell.js';
import { useMe } from './use-me.js';

function SignedOut() {
  const { text } = useText();
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col items-center justify-center gap-4 p-6 text-center">
      <Logo large />
      <h1 className="text-display font-semibold">{text('door.title')}</h1>
      <p className="text-soft">{text('door.text', { name: boot.branding.displayName })}</p>
      <a href={boot.chatUrl} className={buttonClasses('solid')} data-testid="to-chat">
        {text('door.toChat')}
      </a>
    </main>
  );
}

/** The hand-over page, the pages themselves, or the way to sign in. */
export function App() {
  const path = usePath();
  const enters = path === '/enter';
  const me = useMe(!enters);
  if (enters) return <EnterPage />;
  if (me.isError)
    return (
      <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center p-6">
        <ErrorNotice error={me.error} onRetry={() => void me.refetch()} />
      </main>
    );
  if (me.isPending)
    return (
      <div className="frame" aria-hidden>
        <div className="frame-side" />
      </div>
    );
  return me.data === null ? <SignedOut /> : <Shell pages={me.data.pages} name={me.data.name} email={me.data.email} />;
}
