import { type ReactNode, useId } from 'react';

interface SectionProps {
  readonly title: string;
  readonly help: ReactNode;
  /** Buttons beside the help. */
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}

/** One matter of the Security page. */
export function Section({ title, help, actions, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-b border-line py-6 last:border-0">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <h2 id={id} className="text-title font-semibold">
            {title}
          </h2>
          <div className="pt-1 text-soft">{help}</div>
        </div>
        {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
