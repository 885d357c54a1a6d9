import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { SsoDraft, SsoView } from '#libs/contracts/sso-api.js';
import { Button } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { Section } from '../parts/page-heading.js';
import { ConnectionFields, KindField } from './connection-fields.js';
import { draftOf, type SsoValues, valuesOf } from './draft.js';
import { Findings } from './findings.js';
import { ProviderAddresses } from './provider-addresses.js';
import { RuleFields } from './rule-fields.js';
import { type RunningTest, TestResult, useTestResult } from './test-result.js';

/** Looks at a connection and tests it; `draft` undefined means the one in force. */
export function useTrials() {
  const [test, setTest] = useState<RunningTest | null>(null);
  const check = useMutation({
    mutationFn: (draft: SsoDraft | undefined) =>
      api('POST /api/sso/check', { body: draft === undefined ? {} : { draft } }),
  });
  const begin = useMutation({
    // Opened at the click, before the answer is there: browsers hold back a tab that comes later.
    mutationFn: async ({ draft, tab }: { draft: SsoDraft | undefined; tab: Window | null }) => {
      const made = await api('POST /api/sso/tests', { body: draft === undefined ? {} : { draft } });
      if (tab !== null) {
        tab.opener = null;
        tab.location.href = made.url;
      }
      setTest(made);
    },
    onError: (_error, { tab }) => tab?.close(),
  });
  return { check, begin, test, result: useTestResult(test) };
}

/** The two trials with what they have shown. */
export function Trials({ trials, draft }: { trials: ReturnType<typeof useTrials>; draft: SsoDraft | undefined }) {
  const { text } = useText();
  const { check, begin, test, result } = trials;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap gap-2">
        <Button busy={check.isPending} onClick={() => check.mutate(draft)} data-testid="sso-check">
          {text('sso.check')}
        </Button>
        <Button
          busy={begin.isPending}
          onClick={() => begin.mutate({ draft, tab: window.open('about:blank', '_blank') })}
          data-testid="sso-test"
        >
          {text('sso.test')}
        </Button>
      </div>
      {check.isError && <ErrorNotice error={check.error} />}
      {check.data !== undefined && <Findings findings={check.data.findings} />}
      {begin.isError && <ErrorNotice error={begin.error} />}
      {test !== null && <TestResult test={test} query={result} />}
    </div>
  );
}

/** The wizard: addresses out, settings in, checks, a test, and the switch. */
export function SsoForm({ sso }: { readonly sso: SsoView }) {
  const { text } = useText();
  const [values, setValues] = useState(() => valuesOf(sso));
  const trials = useTrials();
  const change = (next: Partial<SsoValues>): void => setValues((before) => ({ ...before, ...next }));
  const draft = draftOf(values, sso.connection);
  const save = useMutation({
    mutationFn: () =>
      api('PUT /api/sso', { body: { draft, ...(trials.test === null ? {} : { testId: trials.test.id }) } }),
    onSuccess: (view) => {
      queries.setQueryData(['sso'], view);
      change({ clientSecret: '' });
      showToast(text('sso.saved'));
    },
  });
  return (
    <form
      className="max-w-2xl"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Section title={text('sso.addresses')} help={text('sso.addressesHelp')}>
        <div className="flex flex-col gap-4">
          <KindField values={values} change={change} />
          <ProviderAddresses type={values.type} addresses={sso.addresses} />
        </div>
      </Section>
      <Section title={text('sso.provider')}>
        <div className="flex flex-col gap-4">
          <ConnectionFields values={values} hasSecret={sso.hasSecret} change={change} />
        </div>
      </Section>
      <Section title={text('sso.rules')}>
        <div className="flex flex-col gap-4">
          <RuleFields values={values} change={change} />
        </div>
      </Section>
      <Trials trials={trials} draft={draft} />
      <div className="flex flex-col gap-3 pt-6">
        {save.isError && <ErrorNotice error={save.error} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" look="solid" busy={save.isPending} data-testid="sso-save">
            {text(sso.connection === null ? 'sso.save' : 'sso.saveChanges')}
          </Button>
          {!sso.proven && trials.result.data?.state !== 'succeeded' && (
            <p className="text-small text-soft">{text('sso.needsTest')}</p>
          )}
        </div>
      </div>
    </form>
  );
}
