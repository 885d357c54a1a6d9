import { keepPreviousData, useQuery } from '@tanstack/react-query';
import {
  Keyboard,
  MessageSquare,
  MonitorSmartphone,
  Moon,
  Search,
  SquarePen,
  Sun,
  type LucideIcon,
} from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import type { ConversationView } from '#libs/contracts/chat-views.js';
import { classNames } from '#libs/ui/class-names.js';
import { formatAgo } from '#libs/ui/format.js';
import { navigate } from '#libs/ui/router.js';
import { chooseTheme } from '#libs/ui/theme-choice.js';
import { useText, type Text } from '#libs/ui/use-text.js';
import { api } from './api.js';
import { openShortcuts } from './shortcuts.js';

interface Choice {
  readonly id: string;
  readonly label: string;
  readonly note?: string;
  readonly icon: LucideIcon;
  readonly run: () => void;
}

function actions(text: Text): Choice[] {
  return [
    { id: 'new', label: text('app.newChat'), icon: SquarePen, run: () => navigate('/') },
    { id: 'light', label: text('palette.light'), icon: Sun, run: () => chooseTheme('light') },
    { id: 'dark', label: text('palette.dark'), icon: Moon, run: () => chooseTheme('dark') },
    {
      id: 'security',
      label: text('account.security'),
      icon: MonitorSmartphone,
      run: () => navigate('/account/security'),
    },
    { id: 'keys', label: text('shortcuts.title'), icon: Keyboard, run: openShortcuts },
  ];
}

function useChoices(search: string): Choice[] {
  const { text, locale } = useText();
  const wanted = useDeferredValue(search.trim());
  const found = useQuery({
    queryKey: ['conversations', 'palette', wanted],
    queryFn: ({ signal }) => api('GET /api/conversations', { query: { search: wanted, limit: 12 }, signal }),
    placeholderData: keepPreviousData,
  });
  const isNamed = (thread: ConversationView) => thread.title.toLowerCase().includes(wanted.toLowerCase());
  const items = found.data?.items ?? [];
  const named = items.filter(isNamed);
  // Until the answer is there, the list before it stands in: only what fits may stay, since Enter opens the first.
  const fittingThreads = found.isPlaceholderData ? named : [...named, ...items.filter((thread) => !isNamed(thread))];
  const threads = fittingThreads.map((thread) => ({
    id: thread.id,
    label: thread.title,
    note: formatAgo(thread.updatedAt, locale),
    icon: MessageSquare,
    run: () => navigate(`/c/${thread.id}`),
  }));
  const fitting = actions(text).filter((action) => action.label.toLowerCase().includes(wanted.toLowerCase()));
  return wanted === ''
    ? [...fitting.slice(0, 1), ...threads.slice(0, 8), ...fitting.slice(1)]
    : [...threads, ...fitting];
}

interface ChoiceLineProps {
  readonly choice: Choice;
  readonly active: boolean;
  readonly onPoint: () => void;
  readonly onRun: () => void;
}

function ChoiceLine({ choice, active, onPoint, onRun }: ChoiceLineProps) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) line.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const Icon = choice.icon;
  return (
    // The list is worked by the keys of its field (the combobox pattern), so the line itself takes none.
    // oxlint-disable-next-line click-events-have-key-events -- Enter in the field runs the active line
    <div
      ref={line}
      id={`choice-${choice.id}`}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      onPointerMove={onPoint}
      onClick={onRun}
      className={classNames(
        'flex min-h-10 items-center gap-3 rounded-control px-3 max-md:min-h-11',
        active && 'bg-hover',
      )}
    >
      <Icon size={16} aria-hidden className="shrink-0 text-soft" />
      <span className="min-w-0 flex-1 truncate">{choice.label}</span>
      {choice.note !== undefined && <span className="shrink-0 text-small text-soft">{choice.note}</span>}
    </div>
  );
}

function PaletteList({ onClose }: { readonly onClose: () => void }) {
  const { text } = useText();
  const [search, setSearch] = useState('');
  const [index, setIndex] = useState(0);
  const choices = useChoices(search);
  const at = Math.min(index, Math.max(0, choices.length - 1));
  const active = choices[at];
  const run = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    onClose();
    choice.run();
  };
  const onKey = (key: string): boolean => {
    if (key === 'ArrowDown') setIndex((at + 1) % Math.max(1, choices.length));
    else if (key === 'ArrowUp') setIndex((at - 1 + choices.length) % Math.max(1, choices.length));
    else if (key === 'Enter') run(active);
    else return false;
    return true;
  };
  return (
    <>
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search size={16} aria-hidden className="shrink-0 text-soft" />
        <input
          role="combobox"
          aria-label={text('palette.label')}
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={active === undefined ? undefined : `choice-${active.id}`}
          placeholder={text('palette.label')}
          data-quiet-focus
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            setIndex(0);
          }}
          onKeyDown={(event) => {
            if (!event.nativeEvent.isComposing && onKey(event.key)) event.preventDefault();
          }}
          className="h-13 w-full bg-transparent text-chat outline-none placeholder:text-soft"
        />
      </div>
      <div
        id="palette-list"
        role="listbox"
        aria-label={text('palette.results')}
        className="max-h-96 overflow-y-auto p-2"
      >
        {choices.map((choice, place) => (
          <ChoiceLine
            key={choice.id}
            choice={choice}
            active={place === at}
            onPoint={() => setIndex(place)}
            onRun={() => run(choice)}
          />
        ))}
        {choices.length === 0 && (
          <div
            role="option"
            aria-selected={false}
            aria-disabled
            tabIndex={-1}
            className="px-3 py-6 text-center text-soft"
          >
            {text('palette.nothing')}
          </div>
        )}
      </div>
    </>
  );
}

/** Ctrl/Cmd+K: any thread and any action by a few letters. */
export function Palette({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const { text } = useText();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <div aria-hidden className="fixed inset-0 z-40 animate-appear bg-veil" />
        <Radix.Content
          aria-describedby={undefined}
          data-testid="palette"
          className="fixed inset-x-3 top-[max(12px,12dvh)] z-50 mx-auto max-w-xl animate-rise overflow-hidden rounded-card bg-raised shadow-float"
        >
          <Radix.Title className="sr-only">{text('palette.title')}</Radix.Title>
          <PaletteList onClose={onClose} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
