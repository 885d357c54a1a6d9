import { Plus, X } from 'lucide-react';
import { Button } from '#libs/ui/button.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { Switch } from '#libs/ui/switch.js';
import { SelectField, TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { useRoles } from '../people/roles.js';
import type { GroupRule, SsoValues } from './draft.js';

interface RuleFieldsProps {
  readonly values: SsoValues;
  readonly change: (change: Partial<SsoValues>) => void;
}

function GroupRules({ values, change }: RuleFieldsProps) {
  const { text } = useText();
  const roles = useRoles();
  const { rules } = values;
  const put = (at: number, rule: Partial<GroupRule>) =>
    change({ rules: rules.map((one, index) => (index === at ? { ...one, ...rule } : one)) });
  const drop = (at: number) => change({ rules: rules.filter((_rule, index) => index !== at) });
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="text-small font-medium">{text('sso.groupRules')}</legend>
      <p className="text-small text-soft">{text('sso.groupRulesHelp')}</p>
      {rules.map((rule, index) => (
        // Rules have no name of their own, and their order is what they mean.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className="flex items-end gap-2">
          <div className="min-w-0 flex-1">
            <TextField
              label={text('sso.group')}
              maxLength={256}
              autoComplete="off"
              value={rule.group}
              onChange={(event) => put(index, { group: event.target.value })}
            />
          </div>
          <div className="w-40 shrink-0">
            <SelectField
              label={text('sso.role')}
              value={rule.role}
              options={roles}
              onChoose={(value) => put(index, { role: roles.find((one) => one.value === value)?.value ?? 'member' })}
            />
          </div>
          <IconButton
            icon={X}
            large
            label={text('sso.removeRule', { group: rule.group })}
            onClick={() => drop(index)}
          />
        </div>
      ))}
      <div>
        <Button small onClick={() => change({ rules: [...rules, { group: '', role: 'member' }] })}>
          <Plus size={16} aria-hidden />
          {text('sso.addRule')}
        </Button>
      </div>
    </fieldset>
  );
}

/** Who gets in, and as what. */
export function RuleFields({ values, change }: RuleFieldsProps) {
  const { text } = useText();
  return (
    <>
      <GroupRules values={values} change={change} />
      <SelectField
        label={text('sso.unmatched')}
        value={values.unmatched}
        options={(['member', 'refuse'] as const).map((value) => ({ value, label: text(`sso.unmatched.${value}`) }))}
        onChoose={(value) => change({ unmatched: value === 'refuse' ? 'refuse' : 'member' })}
      />
      <TextField
        label={text('sso.emailDomains')}
        help={text('sso.emailDomainsHelp')}
        autoComplete="off"
        value={values.emailDomains}
        onChange={(event) => change({ emailDomains: event.target.value })}
      />
      {values.type === 'oidc' && (
        <TextField
          label={text('sso.recheckMinutes')}
          help={text('sso.recheckMinutesHelp')}
          type="number"
          min={5}
          max={1_440}
          step={1}
          autoComplete="off"
          value={values.recheckMinutes}
          onChange={(event) => change({ recheckMinutes: event.target.value })}
        />
      )}
      <div className="flex flex-col items-start gap-1">
        <Switch
          label={text('sso.justInTime')}
          checked={values.justInTime}
          onChange={(justInTime) => change({ justInTime })}
        />
        <Switch label={text('sso.required')} checked={values.required} onChange={(required) => change({ required })} />
        <Switch
          label={text('sso.everywhere')}
          checked={values.everywhere}
          onChange={(everywhere) => change({ everywhere })}
        />
      </div>
    </>
  );
}
