/** Settings of the admin page, by key, as JSON values. Bound to one tenant and transaction. */
export abstract class SettingStore {
  abstract all(): Promise<ReadonlyMap<string, unknown>>;
  /** `null` takes the setting back. */
  abstract set(key: string, value: unknown, changedBy: string): Promise<void>;
}

export interface TenancyStores {
  readonly settings: SettingStore;
}
