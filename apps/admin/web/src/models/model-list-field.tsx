import { X } from 'lucide-react';
import { useId } from 'react';
import { classNames } from '#libs/ui/class-names.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { inputClasses } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { SourceNote } from '../parts/source-note.js';

interface ModelListFieldProps {
  readonly label: string;
  readonly help: string;
  readonly source: 'manifest' | 'setting' | 'default';
  readonly chosen: readonly string[];
  readonly models: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Some models in the order they were added. */
export function ModelListField({ label, help, source, chosen, models, onChange }: ModelListFieldProps) {
  const { text } = useText();
  const id = useId();
  const locked = source === 'manifest';
  const left = models.filter((model) => !chosen.includes(model));
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-small font-medium">
        {label}
      </label>
      {chosen.length > 0 && (
        <ol className="flex flex-wrap gap-1.5">
          {chosen.map((model) => (
            <li key={model} className="flex items-center rounded-full border border-line ps-3 pe-1 text-small">
              {model}
              {locked ? (
                <span className="w-2" />
              ) : (
                <IconButton
                  icon={X}
                  label={text('models.remove', { model })}
                  onClick={() => onChange(chosen.filter((other) => other !== model))}
                />
              )}
            </li>
          ))}
        </ol>
      )}
      <select
        id={id}
        aria-describedby={`${id}-help`}
        disabled={locked || left.length === 0}
        value=""
        onChange={(event) => event.target.value !== '' && onChange([...chosen, event.target.value])}
        className={classNames(inputClasses, 'h-10')}
      >
        <option value="">{text('models.add')}</option>
        {left.map((model) => (
          <option key={model}>{model}</option>
        ))}
      </select>
      <div id={`${id}-help`} className="text-small text-soft">
        <SourceNote source={source} help={help} />
      </div>
    </div>
  );
}
