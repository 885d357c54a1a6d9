import { Eye, EyeOff } from 'lucide-react';
import { useId, useState, type ComponentProps, type ReactNode } from 'react';
import { classNames } from './class-names.js';
import { IconButton } from './icon-button.js';
import { useText } from './use-text.js';

/** Classes of everything one can type into. */
export const inputClasses =
  'w-full min-w-0 rounded-control border border-edge bg-raised px-3 py-2 text-body text-text placeholder:text-soft disabled:border-line disabled:bg-sunken disabled:text-soft aria-invalid:border-danger max-md:text-chat';

interface FieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
  readonly children: (field: { id: string; describedBy: string | undefined; invalid: boolean }) => ReactNode;
}

/** Label above, help below, the error in place. */
export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const invalid = error !== undefined && error !== '';
  const described = [help === undefined ? '' : `${id}-help`, invalid ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-small font-medium">
        {label}
      </label>
      {children({ id, describedBy: described === '' ? undefined : described, invalid })}
      {help !== undefined && (
        <div id={`${id}-help`} className="text-small text-soft">
          {help}
        </div>
      )}
      {invalid && (
        <p id={`${id}-error`} className="text-small text-danger">
          {error}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps extends ComponentProps<'input'> {
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
}

export function TextField({ label, help, error, className, ...rest }: TextFieldProps) {
  return (
    <Field label={label} help={help} error={error}>
      {({ id, describedBy, invalid }) => (
        <input
          {...rest}
          id={id}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          className={classNames(inputClasses, className)}
        />
      )}
    </Field>
  );
}

/** A password that can be looked at. */
export function PasswordField({ label, help, error, ...rest }: TextFieldProps) {
  const { text } = useText();
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} help={help} error={error}>
      {({ id, describedBy, invalid }) => (
        <div className="relative">
          <input
            {...rest}
            id={id}
            type={shown ? 'text' : 'password'}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            className={classNames(inputClasses, 'pe-11')}
          />
          <span className="absolute inset-y-0 end-1 flex items-center">
            <IconButton
              icon={shown ? EyeOff : Eye}
              label={text(shown ? 'ui.hidePassword' : 'ui.showPassword')}
              onClick={() => setShown(!shown)}
            />
          </span>
        </div>
      )}
    </Field>
  );
}

interface TextAreaFieldProps extends ComponentProps<'textarea'> {
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
}

export function TextAreaField({ label, help, error, className, ...rest }: TextAreaFieldProps) {
  return (
    <Field label={label} help={help} error={error}>
      {({ id, describedBy, invalid }) => (
        <textarea
          rows={4}
          {...rest}
          id={id}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          className={classNames(inputClasses, className)}
        />
      )}
    </Field>
  );
}

interface SelectFieldProps extends Omit<ComponentProps<'select'>, 'onChange'> {
  readonly label: string;
  readonly help?: ReactNode;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChoose: (value: string) => void;
}

/** The system's own list: it fits every screen and every keyboard. */
export function SelectField({ label, help, options, onChoose, className, ...rest }: SelectFieldProps) {
  return (
    <Field label={label} help={help}>
      {({ id, describedBy }) => (
        <select
          {...rest}
          id={id}
          aria-describedby={describedBy}
          onChange={(event) => onChoose(event.target.value)}
          className={classNames(inputClasses, 'h-10', className)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
