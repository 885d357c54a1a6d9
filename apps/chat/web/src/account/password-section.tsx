import { useState } from 'react';
import { Button } from '#libs/ui/button.js';
import { useText } from '#libs/ui/use-text.js';
import { PasswordDialog } from './password-dialog.js';
import { Section } from './section.js';

export function PasswordSection({ hasPassword }: { readonly hasPassword: boolean }) {
  const { text } = useText();
  const [changing, setChanging] = useState(false);
  return (
    <Section
      title={text('security.password')}
      help={text(hasPassword ? 'security.password.set' : 'security.password.none')}
      actions={
        <Button small onClick={() => setChanging(true)}>
          {text(hasPassword ? 'account.changePassword' : 'account.setPassword')}
        </Button>
      }
    >
      {changing && <PasswordDialog hasPassword={hasPassword} onClose={() => setChanging(false)} />}
    </Section>
  );
}
