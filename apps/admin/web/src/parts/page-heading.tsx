import type { ReactNode } from 'react';

interface PageHeadingProps {
  readonly title: string;
  readonly help?: string;
  readonly children?: ReactNode;
}

/** The one h1 of a page, with its main actions. */
export function PageHeading({ title, help, children }: PageHeadingProps) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 pb-6">
      <div className="min-w-0">
        <h1 className="text-display font-semibold">{title}</h1>
        {help !== undefined && <p className="max-w-2xl pt-1 text-soft">{help}</p>}
      </div>
      <div className="flex flex-wrap items-center gap-2">{children}</div>
    </div>
  );
}

/** A part of a page under its own heading. */
export function Section({ title, help, children }: PageHeadingProps) {
  return (
    <section className="pb-8">
      <h2 className="text-title font-semibold">{title}</h2>
      {help !== undefined && <p className="max-w-2xl text-small text-soft">{help}</p>}
      <div className="pt-3">{children}</div>
    </section>
  );
}
