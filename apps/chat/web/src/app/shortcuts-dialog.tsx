import { Dialog } from '#libs/ui/dialog.js';
import { Switch } from '#libs/ui/switch.js';
import { useText } from '#libs/ui/use-text.js';
import { closeShortcuts, shortcutKey, useShortcutsOn, useShortcutsOpen } from './shortcuts.js';

const rows = [
  ['shortcuts.palette', [shortcutKey, 'K']],
  ['shortcuts.newChat', [shortcutKey, 'Shift', 'O']],
  ['shortcuts.sidebar', [shortcutKey, 'B']],
  ['shortcuts.compose', ['/']],
  ['shortcuts.send', ['Enter']],
  ['shortcuts.newLine', ['Shift', 'Enter']],
  ['shortcuts.help', ['?']],
] as const;

/** What the keyboard can do, and the switch to stop it. */
export function ShortcutsDialog() {
  const { text } = useText();
  const [on, setOn] = useShortcutsOn();
  return (
    <Dialog open={useShortcutsOpen()} onClose={closeShortcuts} title={text('shortcuts.title')}>
      <dl className="flex flex-col">
        {rows.map(([label, keys]) => (
          <div key={label} className="flex items-center justify-between gap-4 border-b border-line py-2 last:border-0">
            <dt>{text(label)}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <kbd key={key} className="rounded-[5px] border border-line bg-sunken px-1.5 font-sans text-small">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <Switch label={text('shortcuts.on')} checked={on} onChange={setOn} />
    </Dialog>
  );
}
