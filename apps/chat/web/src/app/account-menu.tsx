import { ChevronsUpDown, Keyboard, LifeBuoy, LogOut, Settings, ShieldCheck } from 'lucide-react';
import { boot } from '#libs/ui/boot.js';
import { Menu, MenuItem, MenuLine } from '#libs/ui/menu.js';
import { PreferenceChoices } from '#libs/ui/preference-choices.js';
import { navigate } from '#libs/ui/router.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
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

/** The person, with what is theirs to set. `onOpen` runs when it leads to another page of the chat. */
export function AccountMenu({ onOpen }: { readonly onOpen: () => void }) {
  const { text } = useText();
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
        <MenuItem
          icon={ShieldCheck}
          onSelect={() => {
            onOpen();
            navigate('/account/security');
          }}
        >
          {text('account.security')}
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
    </>
  );
}
