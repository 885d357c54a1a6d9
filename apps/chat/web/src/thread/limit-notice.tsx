import { Clock } from 'lucide-react';
import { useCallback, useSyncExternalStore } from 'react';
import type { MessageView } from '#libs/contracts/chat-views.js';
import { useText } from '#libs/ui/use-text.js';

/** Longest wait a timer can hold, in ms; a longer one outlasts the page. */
const longestWaitMs = 2 ** 31 - 1;
/** A limit that ends within so many ms is told by the clock, a later one by the day. */
const soonMs = 12 * 3_600_000;

/** Whether `at` is still to come. */
function useAhead(at: string | undefined): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const leftMs = at === undefined ? 0 : Date.parse(at) - Date.now();
      const timer = setTimeout(listener, Math.min(longestWaitMs, Math.max(0, leftMs) + 1));
      return () => clearTimeout(timer);
    },
    [at],
  );
  return useSyncExternalStore(subscribe, () => at !== undefined && Date.parse(at) > Date.now());
}

/** Above the composer, until a limit that refused the newest answer ends: what it is and when that will be. */
export function LimitNotice({ newest }: { readonly newest: MessageView | undefined }) {
  const { text, locale } = useText();
  const answer = newest?.answer ?? null;
  const error = answer?.error ?? null;
  const holds = useAhead(error?.retryAt);
  if (answer === null || error?.retryAt === undefined || !holds) return null;
  const end = new Date(error.retryAt);
  const soon = end.getTime() - Date.parse(answer.endedAt ?? answer.startedAt) < soonMs;
  const format = new Intl.DateTimeFormat(locale, soon ? { timeStyle: 'medium' } : { dateStyle: 'long' });
  return (
    <div
      role="status"
      data-testid="limit-notice"
      className="mb-2 flex items-center gap-3 rounded-card bg-warning-soft px-4 py-3 text-small text-text"
    >
      <Clock size={16} aria-hidden className="shrink-0 text-warning" />
      <p>
        {error.message} {text('composer.limitEnds', { time: format.format(end) })}
      </p>
    </div>
  );
}
