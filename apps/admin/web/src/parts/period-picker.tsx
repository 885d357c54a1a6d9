import { CalendarDays, Download } from 'lucide-react';
import { Button, buttonClasses } from '#libs/ui/button.js';
import { classNames } from '#libs/ui/class-names.js';
import { formatDay } from '#libs/ui/format.js';
import { Popover } from '#libs/ui/popover.js';
import { Switch } from '#libs/ui/switch.js';
import { TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { lastDays, thisMonth, timeZone, type Period } from './use-period.js';

interface PeriodPickerProps {
  readonly period: Period;
  readonly onChange: (change: Partial<Period>) => void;
}

/** Presets, free days and the comparison; the address keeps it all. */
export function PeriodPicker({ period, onChange }: PeriodPickerProps) {
  const { text, locale } = useText();
  const presets = [
    { id: '7', range: lastDays(7) },
    { id: '30', range: lastDays(30) },
    { id: '90', range: lastDays(90) },
    { id: 'month', range: thisMonth() },
  ];
  const current = presets.find(({ range }) => range.from === period.from && range.to === period.to);
  const days = `${formatDay(period.from, locale)} – ${formatDay(period.to, locale)}`;
  const search = new URLSearchParams({ from: period.from, to: period.to, timeZone });
  return (
    <>
      <Popover
        label={text('period.label')}
        trigger={
          <button type="button" className={buttonClasses('outline', true)} data-testid="period">
            <CalendarDays size={16} aria-hidden />
            {current === undefined ? days : text(`period.${current.id}`)}
          </button>
        }
      >
        <div className="flex flex-col gap-3">
          <div className="grid grid-cols-2 gap-2">
            {presets.map(({ id, range }) => (
              <Button
                key={id}
                small
                aria-pressed={current?.id === id}
                className={classNames(current?.id === id && 'border-edge bg-hover')}
                onClick={() => onChange(range)}
              >
                {text(`period.${id}`)}
              </Button>
            ))}
          </div>
          <TextField
            label={text('period.from')}
            type="date"
            value={period.from}
            max={period.to}
            onChange={(event) => event.target.value !== '' && onChange({ from: event.target.value })}
          />
          <TextField
            label={text('period.to')}
            type="date"
            value={period.to}
            min={period.from}
            max={lastDays(1).to}
            onChange={(event) => event.target.value !== '' && onChange({ to: event.target.value })}
          />
          <Switch
            label={text('period.compare')}
            checked={period.compare}
            onChange={(compare) => onChange({ compare })}
          />
          <p className="text-small text-soft">{text('period.zone', { zone: timeZone })}</p>
        </div>
      </Popover>
      <a href={`/api/usage.csv?${search}`} download className={buttonClasses('outline', true)}>
        <Download size={16} aria-hidden />
        {text('period.csv')}
      </a>
    </>
  );
}
