/** Secrets that manifests refer to. `owner` is the tenant's slug, or `backend-<name>`. */
export abstract class Secrets {
  /** The secret's text without a trailing line break, or null when it is not there. Read anew at each call. */
  abstract read(owner: string, ref: { readonly name: string; readonly key: string }): Promise<string | null>;
  /** Where a person has to put it, for error messages. */
  abstract whereIs(owner: string, ref: { readonly name: string; readonly key: string }): string;
}
