import type { SsoView } from '#libs/contracts/sso-api.js';
import { CopyIconButton } from '#libs/ui/copy-button.js';
import { useText } from '#libs/ui/use-text.js';

const names = {
  oidc: ['redirectUri', 'backChannelUri', 'signOutUri'],
  saml: ['entityId', 'acsUrl', 'singleLogoutUrl'],
} as const;

interface ProviderAddressesProps {
  readonly type: 'oidc' | 'saml';
  readonly addresses: SsoView['addresses'];
}

/** What has to be entered at the identity provider, ready to be copied. */
export function ProviderAddresses({ type, addresses }: ProviderAddressesProps) {
  const { text } = useText();
  return (
    <dl className="flex flex-col gap-2 rounded-card border border-line bg-sunken p-3">
      {names[type].map((name) => (
        <div key={name} className="flex min-w-0 flex-col">
          <dt className="text-small text-soft">{text(`sso.${name}`)}</dt>
          <dd className="flex min-w-0 items-center gap-1">
            <code dir="ltr" className="min-w-0 flex-1 font-mono text-small break-all">
              {addresses[name]}
            </code>
            <CopyIconButton value={() => addresses[name]} label={`${text('ui.copy')}: ${text(`sso.${name}`)}`} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
