import { useQuery } from '@tanstack/react-query';
import type { SsoTestView } from '#libs/contracts/sso-api.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from '../app/api.js';
import { Badge } from '../parts/badge.js';
import { useRoles } from '../people/roles.js';

/** How often it is asked what a running test has shown, in ms. */
const askMs = 1_500;

export interface RunningTest {
  readonly id: string;
  readonly url: string;
}

/** What a test has shown, asked for until it has ended. */
export function useTestResult(test: RunningTest | null) {
  return useQuery({
    queryKey: ['sso-test', test?.id],
    queryFn: () => api('GET /api/sso/tests/:id', { params: { id: test?.id ?? '' } }),
    enabled: test !== null,
    refetchInterval: ({ state }) => (state.data === undefined || state.data.state === 'waiting' ? askMs : false),
  });
}

function Outcome({ result }: { readonly result: SsoTestView }) {
  const { text } = useText();
  const roles = useRoles();
  const { state, reason, role, email, name, groups, received } = result;
  const isIn = state === 'succeeded' && reason === null;
  const title = state === 'failed' ? 'sso.testFailed' : isIn ? 'sso.testOk' : 'sso.testRefused';
  // Reasons of ours are codes with words of their own; a provider's are words already.
  const ours = `sso.reason.${reason ?? ''}`;
  const words = text(ours) === ours ? reason : text(ours);
  return (
    <div className="flex flex-col gap-3" data-testid="sso-test-result">
      <p className="flex flex-wrap items-center gap-2 font-medium">
        <Badge look={state === 'failed' ? 'danger' : isIn ? 'good' : 'warning'}>{text(title)}</Badge>
        {role !== null && (
          <span>{text('sso.testRole', { role: roles.find(({ value }) => value === role)?.label ?? role })}</span>
        )}
      </p>
      {reason !== null && <p className="break-words text-soft">{words}</p>}
      {email !== null && (
        <p className="break-words">
          {name} &lt;{email}&gt; {groups.length > 0 && <span className="text-soft">({groups.join(', ')})</span>}
        </p>
      )}
      {Object.keys(received).length > 0 && (
        <details>
          <summary className="cursor-pointer text-small text-soft">{text('sso.received')}</summary>
          <pre tabIndex={0} className="mt-2 max-h-80 overflow-auto rounded-card bg-sunken p-3 font-mono text-small">
            {JSON.stringify(received, null, 2)}
          </pre>
        </details>
      )}
    </div>
  );
}

interface TestResultProps {
  readonly test: RunningTest;
  readonly query: ReturnType<typeof useTestResult>;
}

/** A test under way, then what it has shown. */
export function TestResult({ test, query }: TestResultProps) {
  const { text } = useText();
  if (query.isError) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data !== undefined && query.data.state !== 'waiting') return <Outcome result={query.data} />;
  return (
    <p role="status" className="text-soft" data-testid="sso-testing">
      {text('sso.testing')} {text('sso.testOpen')}{' '}
      <a className="text-accent-text underline underline-offset-2" href={test.url} target="_blank" rel="noopener">
        {text('sso.testOpenLink')}
      </a>
    </p>
  );
}
