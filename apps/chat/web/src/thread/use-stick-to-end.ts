import { useCallback, useEffect, useRef, useState } from 'react';

/** Nearer to the end than this counts as being there, in px. */
const slack = 40;

interface StickToEnd {
  /** Refs of the element that scrolls and of what grows inside it; both may come and go. */
  readonly scroller: (element: HTMLDivElement | null) => void;
  readonly content: (element: HTMLDivElement | null) => void;
  readonly atEnd: boolean;
  readonly toEnd: () => void;
}

/** Follows growing content while the reader is at its end, and never pulls them back to it. */
export function useStickToEnd(): StickToEnd {
  const [element, scroller] = useState<HTMLDivElement | null>(null);
  const [inner, content] = useState<HTMLDivElement | null>(null);
  const sticks = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const toEnd = useCallback(() => {
    sticks.current = true;
    setAtEnd(true);
    element?.scrollTo({ top: element.scrollHeight });
  }, [element]);
  useEffect(() => {
    if (element === null || inner === null) return;
    let last = element.scrollTop;
    const onScroll = (): void => {
      const near = element.scrollHeight - element.scrollTop - element.clientHeight <= slack;
      if (near) sticks.current = true;
      // Only the reader scrolls up; growth moves nothing by itself.
      else if (element.scrollTop < last - 1) sticks.current = false;
      last = element.scrollTop;
      setAtEnd(sticks.current);
    };
    const observer = new ResizeObserver(() => {
      if (sticks.current) element.scrollTo({ top: element.scrollHeight });
      else onScroll();
    });
    observer.observe(inner);
    observer.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [element, inner]);
  return { scroller, content, atEnd, toEnd };
}
