import { Switch } from '#libs/ui/switch.js';
import { SelectField, PasswordField, TextAreaField, TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import type { SsoValues } from './draft.js';

interface ConnectionFieldsProps {
  readonly values: SsoValues;
  readonly hasSecret: boolean;
  readonly change: (change: Partial<SsoValues>) => void;
}

function OidcFields({ values, hasSecret, change }: ConnectionFieldsProps) {
  const { text } = useText();
  return (
    <>
      <TextField
        label={text('sso.issuer')}
        help={text('sso.issuerHelp')}
        type="url"
        required
        maxLength={512}
        autoComplete="off"
        value={values.issuer}
        onChange={(event) => change({ issuer: event.target.value })}
      />
      <TextField
        label={text('sso.clientId')}
        required
        maxLength={256}
        autoComplete="off"
        value={values.clientId}
        onChange={(event) => change({ clientId: event.target.value })}
      />
      <PasswordField
        label={text('sso.clientSecret')}
        help={text(hasSecret ? 'sso.secretKept' : 'sso.secretHelp')}
        maxLength={1_024}
        autoComplete="off"
        value={values.clientSecret}
        onChange={(event) => change({ clientSecret: event.target.value })}
      />
      <div className="grid gap-4 md:grid-cols-2">
        <TextField
          label={text('sso.scopes')}
          autoComplete="off"
          value={values.scopes}
          onChange={(event) => change({ scopes: event.target.value })}
        />
        <TextField
          label={text('sso.groupsClaim')}
          maxLength={64}
          autoComplete="off"
          value={values.groups}
          onChange={(event) => change({ groups: event.target.value })}
        />
      </div>
    </>
  );
}

function SamlFields({ values, change }: ConnectionFieldsProps) {
  const { text } = useText();
  return (
    <>
      <TextField
        label={text('sso.metadataUrl')}
        type="url"
        maxLength={512}
        autoComplete="off"
        value={values.metadataUrl}
        onChange={(event) => change({ metadataUrl: event.target.value })}
      />
      <TextAreaField
        label={text('sso.metadata')}
        help={text('sso.metadataHelp')}
        maxLength={65_536}
        className="font-mono"
        spellCheck={false}
        disabled={values.metadataUrl.trim() !== ''}
        value={values.metadata}
        onChange={(event) => change({ metadata: event.target.value })}
      />
      <TextField
        label={text('sso.groupsAttribute')}
        maxLength={256}
        autoComplete="off"
        value={values.groups}
        onChange={(event) => change({ groups: event.target.value })}
      />
      <Switch
        label={text('sso.encrypted')}
        checked={values.encrypted}
        onChange={(encrypted) => change({ encrypted })}
      />
      <Switch
        label={text('sso.idpInitiated')}
        checked={values.idpInitiated}
        onChange={(idpInitiated) => change({ idpInitiated })}
      />
    </>
  );
}

/** Which kind of provider it is. */
export function KindField({ values, change }: Omit<ConnectionFieldsProps, 'hasSecret'>) {
  const { text } = useText();
  return (
    <SelectField
      label={text('sso.kind')}
      value={values.type}
      options={(['oidc', 'saml'] as const).map((value) => ({ value, label: text(`sso.kind.${value}`) }))}
      onChoose={(value) => change({ type: value === 'saml' ? 'saml' : 'oidc' })}
    />
  );
}

/** What the provider has told about itself. */
export function ConnectionFields(props: ConnectionFieldsProps) {
  return props.values.type === 'oidc' ? <OidcFields {...props} /> : <SamlFields {...props} />;
}
