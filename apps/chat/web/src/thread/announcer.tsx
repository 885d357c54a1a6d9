import { useEffect, useRef, useState } from 'react';
import { useText } from '#libs/ui/use-text.js';

/** Pause between announcements, in ms: a screen reader should get sentences, not syllables. */
const announceEveryMs = 1_200;

function finishedLength(answer: string, done: boolean): number {
  if (done) return answer.length;
  const ends = [...answer.matchAll(/[.!?:。！？](?=\s)|\n/g)];
  const last = ends.at(-1);
  return last === undefined ? 0 : last.index + last[0].length;
}

const plain = (markdown: string): string => markdown.replaceAll(/[*_`#>|~]+/g, ' ').trim();

interface AnnouncerProps {
  /** Text of the answer being written, null when none is. */
  readonly answer: string | null;
}

/** Reads finished sentences of a running answer to screen readers. */
export function Announcer({ answer }: AnnouncerProps) {
  const { text } = useText();
  const [said, setSaid] = useState<readonly { readonly id: number; readonly words: string }[]>([]);
  const spoken = useRef(0);
  const lastId = useRef(0);
  const latest = useRef<string | null>(null);
  const running = answer !== null;
  useEffect(() => {
    if (answer !== null) latest.current = answer;
  }, [answer]);
  useEffect(() => {
    if (!running) return;
    spoken.current = 0;
    const say = (done: boolean): void => {
      const current = latest.current ?? '';
      const until = finishedLength(current, done);
      const words = plain(current.slice(spoken.current, until));
      if (until > spoken.current && words !== '') {
        lastId.current += 1;
        const line = { id: lastId.current, words };
        setSaid((before) => [...before.slice(-20), line]);
      }
      spoken.current = Math.max(spoken.current, until);
    };
    const timer = setInterval(() => say(false), announceEveryMs);
    return () => {
      clearInterval(timer);
      say(true);
    };
  }, [running]);
  return (
    <div role="log" aria-live="polite" aria-label={text('thread.log')} className="sr-only">
      {said.map(({ id, words }) => (
        <p key={id}>{words}</p>
      ))}
    </div>
  );
}
