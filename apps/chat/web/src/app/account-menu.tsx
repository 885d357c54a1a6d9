import { ChevronsUpDown, KeyRound, Keyboard, LifeBuoy, LogOut, MonitorSmartphone, Settings } from 'lucide-react';
import { useState } from 'react';
import { boot } from '#libs/ui/boot.js';
import { Menu, MenuItem, MenuLine } from '#libs/ui/menu.js';
import { PreferenceChoices } from '#libs/ui/preference-choices.js';
import { navigate } from '#libs/ui/router.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { PasswordDialog } from '../account/password-dialog.js';
import { api, queries } from './api.js';
import { openShortcuts } from './shortcuts.js';
import { useMe } from './use-me.js';

/** Opens the admin pages, signed in as this person; `to` is a page of theirs. */
export async function openAdmin(failed: () => void, to: string | null = null): Promise<void> {
  try {
    const url = new URL((await api('POST /api/admin-handover')).url);
    if (to !== null) url.searchParams.set('to', to);
    location.assign(url);
  } catch {
    failed();
  }
}

async function signOut(failed: () => void): Promise<void> {
  let next: string | null;
  try {
    ({ next } = await api('POST /api/sign-out'));
  } catch {
    return failed();
  }
  if (next !== null) return location.assign(next);
  navigate('/sign-in', { replace: true });
  queries.clear();
  queries.setQueryData(['me'], null);
}

/** The person, with what is theirs to set. */
export function AccountMenu() {
  const { text } = useText();
  const [changing, setChanging] = useState(false);
  const me = useMe().data;
  if (me === null || me === undefined) return null;
  const failed = (): void => showToast(text('app.actionFailed'));
  const { supportEmail } = boot.branding;
  return (
    <>
      <Menu
        align="start"
        side="top"
        trigger={
          <button
            type="button"
            aria-label={text('account.menu', { name: me.name })}
            data-testid="account-menu"
            className="flex h-11 w-full items-center gap-2.5 rounded-control px-2 text-start transition-colors duration-150 hover:bg-hover"
          >
            <span
              aria-hidden
              className="inline-flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-small font-semibold text-accent-text"
            >
              {me.name.slice(0, 1).toUpperCase()}
            </span>
            <span className="min-w-0 flex-1 truncate">{me.name}</span>
            <ChevronsUpDown size={16} aria-hidden className="text-soft" />
          </button>
        }
      >
        <p className="truncate px-2 pt-1 text-small text-soft">{me.email}</p>
        <PreferenceChoices />
        <MenuLine />
        <MenuItem icon={MonitorSmartphone} onSelect={() => navigate('/account/sessions')}>
          {text('account.sessions')}
        </MenuItem>
        <MenuItem icon={KeyRound} onSelect={() => setChanging(true)}>
          {text(me.hasPassword ? 'account.changePassword' : 'account.setPassword')}
        </MenuItem>
        <MenuItem icon={Keyboard} onSelect={openShortcuts}>
          {text('shortcuts.title')}
        </MenuItem>
        {supportEmail !== null && (
          <MenuItem icon={LifeBuoy} onSelect={() => location.assign(`mailto:${supportEmail}`)}>
            {text('account.support')}
          </MenuItem>
        )}
        {me.mayAdmin && (
          <MenuItem icon={Settings} onSelect={() => void openAdmin(failed)}>
            {text('account.admin')}
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem icon={LogOut} onSelect={() => void signOut(failed)}>
          {text('account.signOut')}
        </MenuItem>
      </Menu>
      {changing && <PasswordDialog hasPassword={me.hasPassword} onClose={() => setChanging(false)} />}
    </>
  );
}
