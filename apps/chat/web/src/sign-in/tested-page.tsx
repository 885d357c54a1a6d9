import { useText } from '#libs/ui/use-text.js';
import { Door } from './door.js';

/** Where the test of an identity provider ends. What it has shown stands on the admin page that began it. */
export function TestedPage() {
  const { text } = useText();
  return (
    <Door title={text('signIn.tested.title')}>
      <p className="text-center text-soft">{text('signIn.tested.text')}</p>
    </Door>
  );
}
