import { CircleAlert, CircleCheck, CircleX } from 'lucide-react';
import type { SsoFindingView } from '#libs/contracts/sso-api.js';
import { useText } from '#libs/ui/use-text.js';

const icons = { ok: CircleCheck, warning: CircleAlert, failed: CircleX } as const;
const looks = { ok: 'text-good', warning: 'text-warning', failed: 'text-danger' } as const;

/** What was found when the provider was looked at, one line for each thing. */
export function Findings({ findings }: { readonly findings: readonly SsoFindingView[] }) {
  const { text } = useText();
  return (
    <section aria-label={text('sso.checks')} data-testid="sso-findings">
      <h3 className="pb-2 text-small font-medium">{text('sso.checks')}</h3>
      <ul className="flex flex-col divide-y divide-line rounded-card border border-line">
        {findings.map(({ check, state, detail }) => {
          const Icon = icons[state];
          return (
            <li key={`${check} ${detail}`} className="flex items-start gap-3 px-3 py-2">
              <Icon size={18} aria-hidden className={`mt-0.5 shrink-0 ${looks[state]}`} />
              <div className="min-w-0">
                <p>
                  {text(`sso.check.${check}`)}{' '}
                  <span className="text-small text-soft">({text(`sso.state.${state}`)})</span>
                </p>
                <p className="text-small break-words text-soft">{detail}</p>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
