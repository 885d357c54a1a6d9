/** What a person may do in an organisation. */
export type Role = 'owner' | 'admin' | 'auditor' | 'billing' | 'member';
