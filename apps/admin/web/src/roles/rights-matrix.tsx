import { X } from 'lucide-react';
import type { RightView } from '#libs/contracts/roles-api.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { useText } from '#libs/ui/use-text.js';
import { hasRight, limitedRights, type Subject, subjects, withRight } from './rights.js';

interface RightsMatrixProps {
  readonly rights: readonly RightView[];
  /** Null: to look at only. */
  readonly onChange: ((rights: readonly RightView[]) => void) | null;
}

const actions = ['read', 'change'] as const;

function Box({
  subject,
  action,
  rights,
  onChange,
}: RightsMatrixProps & { subject: Subject; action: 'read' | 'change' }) {
  const { text } = useText();
  return (
    <input
      type="checkbox"
      className="size-4 accent-accent"
      aria-label={`${text(`roles.subject.${subject}`)}: ${text(`roles.${action}`)}`}
      checked={hasRight(rights, subject, action)}
      disabled={onChange === null}
      onChange={(event) => onChange?.(withRight(rights, subject, { action, given: event.target.checked }))}
    />
  );
}

/** A limited right in one line, as `change role of member`. */
function limitText({ actions: given, fields, where }: RightView): string {
  const parts = [given.join(' + '), ...(fields === undefined ? [] : [fields.join(', ')])];
  return `${parts.join(': ')}${where === undefined ? '' : ` ${JSON.stringify(where)}`}`;
}

function Limited({ rights, onChange }: RightsMatrixProps) {
  const { text } = useText();
  const limited = limitedRights(rights);
  if (limited.length === 0) return null;
  return (
    <div className="flex flex-col gap-1">
      <p className="text-small font-medium">{text('roles.limited')}</p>
      <ul className="flex flex-col gap-1">
        {limited.map((right) => (
          <li key={JSON.stringify(right)} className="flex items-center gap-2 rounded-control bg-sunken ps-3">
            <span className="min-w-0 flex-1 py-1 text-small">
              {text(`roles.subject.${right.subject}`)}{' '}
              <code className="font-mono break-all text-soft">{limitText(right)}</code>
            </span>
            {onChange !== null && (
              <IconButton
                icon={X}
                label={text('roles.removeLimited', { subject: text(`roles.subject.${right.subject}`) })}
                onClick={() => onChange(rights.filter((one) => one !== right))}
              />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Who may see and change what, as boxes to tick. */
export function RightsMatrix({ rights, onChange }: RightsMatrixProps) {
  const { text } = useText();
  return (
    <>
      <table className="w-full border-collapse">
        <caption className="pb-1 text-start text-small font-medium">{text('roles.rights')}</caption>
        <thead>
          <tr className="border-b border-line text-small text-soft">
            <th scope="col" className="py-1.5 text-start font-normal">
              {text('roles.subject')}
            </th>
            {actions.map((action) => (
              <th key={action} scope="col" className="w-20 py-1.5 text-center font-normal">
                {text(`roles.${action}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {subjects.map(({ subject, actions: known }) => (
            <tr key={subject} className="border-b border-line last:border-0">
              <th scope="row" className="py-1.5 text-start font-normal">
                {text(`roles.subject.${subject}`)}
              </th>
              {actions.map((action) => (
                <td key={action} className="py-1.5 text-center">
                  {known.includes(action) && (
                    <Box subject={subject} action={action} rights={rights} onChange={onChange} />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <Limited rights={rights} onChange={onChange} />
    </>
  );
}
