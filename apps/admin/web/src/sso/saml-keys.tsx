import { useMutation, useQuery } from '@tanstack/react-query';
import { Button } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatDay } from '#libs/ui/format.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { Badge } from '../parts/badge.js';
import { Section } from '../parts/page-heading.js';

const queryKey = ['saml-keys'];

/** The organisation's own SAML keys, and the two steps in which one replaces the other. */
export function SamlKeys() {
  const { text, locale } = useText();
  const keys = useQuery({ queryKey, queryFn: () => api('GET /api/sso/saml-keys') });
  const items = keys.data?.items ?? [];
  const step = items.length > 1 ? 'useNext' : 'publish';
  const turn = useMutation({
    mutationFn: () => (step === 'publish' ? api('POST /api/sso/saml-keys') : api('POST /api/sso/saml-keys/use-next')),
    onSuccess: (view) => queries.setQueryData(queryKey, view),
  });
  return (
    <Section title={text('sso.ownKeys')} help={text('sso.ownKeysHelp')}>
      <div className="flex flex-col items-start gap-3" data-testid="saml-keys">
        {keys.isPending && <Skeleton className="h-16 w-full rounded-card" />}
        {keys.isError && <ErrorNotice error={keys.error} onRetry={() => void keys.refetch()} />}
        {keys.isSuccess && items.length === 0 && <p className="text-soft">{text('sso.ownKeysNone')}</p>}
        {items.length > 0 && (
          <ul className="w-full divide-y divide-line rounded-card border border-line">
            {items.map(({ state, fingerprint, createdAt, expiresAt }) => (
              <li key={fingerprint} className="flex flex-col gap-1 px-3 py-2">
                <p className="flex flex-wrap items-center gap-2">
                  <Badge look={state === 'inUse' ? 'good' : 'plain'}>{text(`sso.ownKey.${state}`)}</Badge>
                  <span className="text-small text-soft">
                    {text('sso.ownKeyDates', {
                      from: formatDay(createdAt, locale),
                      until: formatDay(expiresAt, locale),
                    })}
                  </span>
                </p>
                <code dir="ltr" className="font-mono text-small break-all text-soft">
                  {fingerprint}
                </code>
              </li>
            ))}
          </ul>
        )}
        {turn.isError && <ErrorNotice error={turn.error} />}
        <Button small busy={turn.isPending} onClick={() => turn.mutate()} data-testid="saml-key-step">
          {text(`sso.ownKeys.${step}`)}
        </Button>
      </div>
    </Section>
  );
}
