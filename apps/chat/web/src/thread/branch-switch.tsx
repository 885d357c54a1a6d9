import { ChevronLeft, ChevronRight } from 'lucide-react';
import { IconButton } from '#libs/ui/icon-button.js';
import { useText } from '#libs/ui/use-text.js';

interface BranchSwitchProps {
  readonly place: number;
  readonly count: number;
  readonly onMove: (place: number) => void;
}

/** Which of several branches is on screen. */
export function BranchSwitch({ place, count, onMove }: BranchSwitchProps) {
  const { text } = useText();
  if (count < 2) return null;
  return (
    <span className="inline-flex items-center" data-testid="branches">
      <IconButton
        icon={ChevronLeft}
        label={text('thread.branchBefore')}
        className="rtl:rotate-180"
        disabled={place === 0}
        onClick={() => onMove(place - 1)}
      />
      <span className="text-small text-soft tabular">
        <span aria-hidden>
          {place + 1} / {count}
        </span>
        <span className="sr-only">{text('thread.branch', { place: place + 1, count })}</span>
      </span>
      <IconButton
        icon={ChevronRight}
        label={text('thread.branchAfter')}
        className="rtl:rotate-180"
        disabled={place === count - 1}
        onClick={() => onMove(place + 1)}
      />
    </span>
  );
}
