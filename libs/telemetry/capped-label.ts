/** Tenants with series of their own in one process: beyond this a Prometheus server suffers before we do. */
export const mostTenantLabels = 500;

/**
 * Values of a metric label, bounded: each one is a time series that lives as long as the process. The first
 * ones that come keep their name, all further ones are counted together.
 */
export class CappedLabel {
  private readonly known = new Set<string>();

  constructor(private readonly most: number) {}

  of(value: string): string {
    if (this.known.has(value)) return value;
    if (this.known.size >= this.most) return 'other';
    this.known.add(value);
    return value;
  }
}
