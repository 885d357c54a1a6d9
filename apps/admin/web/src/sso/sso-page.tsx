import { useMutation, useQuery } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import { useState } from 'react';
import type { SsoView } from '#libs/contracts/sso-api.js';
import { Button } from '#libs/ui/button.js';
import { ConfirmDialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { Badge } from '../parts/badge.js';
import { PageHeading, Section } from '../parts/page-heading.js';
import { ProviderAddresses } from './provider-addresses.js';
import { SamlKeys } from './saml-keys.js';
import { SsoForm, Trials, useTrials } from './sso-form.js';

function InForce({ sso }: { readonly sso: SsoView }) {
  const { text } = useText();
  const { connection, proven, passwordsFor } = sso;
  if (connection === null) return <p className="pb-6">{text('sso.none')}</p>;
  const name = connection.oidc?.issuer ?? connection.saml?.metadataUrl ?? connection.saml?.identityProvider?.entityId;
  return (
    <div className="flex flex-wrap items-center gap-2 pb-6">
      <Badge look="good">{text('sso.inForce')}</Badge>
      <span className="min-w-0 font-medium break-all">
        {text(`sso.kind.${connection.type}`)} {name}
      </span>
      {!proven && <Badge look="warning">{text('sso.unproven')}</Badge>}
      {passwordsFor === 'owners' && <Badge>{text('sso.ownersOnly')}</Badge>}
    </div>
  );
}

/** What the manifest has set: to look at and to try, not to change. */
function Managed({ sso }: { readonly sso: SsoView }) {
  const { text } = useText();
  const trials = useTrials();
  const { connection } = sso;
  return (
    <div className="max-w-2xl">
      <p className="flex items-start gap-2 pb-6 text-soft">
        <Lock size={16} aria-hidden className="mt-1 shrink-0" />
        {text('sso.managed')}
      </p>
      {connection !== null && (
        <>
          <Section title={text('sso.addresses')} help={text('sso.addressesHelp')}>
            <ProviderAddresses type={connection.type} addresses={sso.addresses} />
          </Section>
          <Trials trials={trials} draft={undefined} />
        </>
      )}
    </div>
  );
}

function RemoveDialog({ onClose }: { readonly onClose: () => void }) {
  const { text } = useText();
  const remove = useMutation({
    mutationFn: () => api('DELETE /api/sso'),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['sso'] });
      onClose();
      showToast(text('sso.removed'));
    },
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={text('sso.removeTitle')}
      description={text('sso.removeText')}
      action={text('sso.remove')}
      busy={remove.isPending}
      problem={remove.isError && <ErrorNotice error={remove.error} />}
      onConfirm={() => remove.mutate()}
    />
  );
}

/** How people of the organisation sign in. */
export function SsoPage() {
  const { text } = useText();
  const [removing, setRemoving] = useState(false);
  const sso = useQuery({ queryKey: ['sso'], queryFn: () => api('GET /api/sso') });
  return (
    <>
      <PageHeading title={text('nav.sso')} help={text('sso.help')}>
        {sso.data?.source === 'setting' && (
          <Button small onClick={() => setRemoving(true)}>
            {text('sso.remove')}
          </Button>
        )}
      </PageHeading>
      {sso.isPending && <Skeleton className="h-96 rounded-card" />}
      {sso.isError && <ErrorNotice error={sso.error} onRetry={() => void sso.refetch()} />}
      {sso.data !== undefined && (
        <>
          <InForce sso={sso.data} />
          {sso.data.source === 'manifest' ? (
            <Managed sso={sso.data} />
          ) : (
            <SsoForm key={sso.data.source} sso={sso.data} />
          )}
          {sso.data.connection?.type === 'saml' && (
            <div className="max-w-2xl pt-6">
              <SamlKeys />
            </div>
          )}
        </>
      )}
      {removing && <RemoveDialog onClose={() => setRemoving(false)} />}
    </>
  );
}
