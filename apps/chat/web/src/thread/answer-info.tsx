import { Info } from 'lucide-react';
import type { AnswerDetails } from '#libs/contracts/chat-views.js';
import type { z } from 'zod';
import { formatCost, formatCount, formatDuration, formatTime } from '#libs/ui/format.js';
import { Popover } from '#libs/ui/popover.js';
import { Tooltip } from '#libs/ui/tooltip.js';
import { useText } from '#libs/ui/use-text.js';

interface AnswerInfoProps {
  readonly answer: z.infer<typeof AnswerDetails>;
}

/** Model, time, tokens and cost of an answer. */
export function AnswerInfo({ answer }: AnswerInfoProps) {
  const { text, locale } = useText();
  const { usage, startedAt, endedAt, firstTokenMs } = answer;
  const total = endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);
  const about = usage?.estimated === true ? text('info.about') : '';
  const rows: readonly (readonly [string, string])[] = [
    [text('info.model'), answer.demo ? text('models.demo') : answer.model],
    [text('info.time'), formatTime(startedAt, locale)],
    [text('info.firstToken'), formatDuration(firstTokenMs, locale)],
    [text('info.total'), formatDuration(total, locale)],
    ...(usage === null
      ? []
      : ([
          [text('info.promptTokens'), about + formatCount(usage.promptTokens, locale)],
          [text('info.completionTokens'), about + formatCount(usage.completionTokens, locale)],
          [text('info.cost'), about + formatCost(usage.costMicroUsd, locale)],
        ] as const)),
  ];
  return (
    <Popover
      label={text('info.title')}
      trigger={
        <button
          type="button"
          aria-label={text('info.title')}
          className="inline-flex size-8 items-center justify-center rounded-control text-soft transition-colors duration-150 hover:bg-hover hover:text-text"
        >
          <Tooltip label={text('info.title')}>
            <Info size={16} aria-hidden />
          </Tooltip>
        </button>
      }
    >
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-small">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-soft">{name}</dt>
            <dd className="text-end [overflow-wrap:anywhere] tabular">{value}</dd>
          </div>
        ))}
      </dl>
    </Popover>
  );
}
