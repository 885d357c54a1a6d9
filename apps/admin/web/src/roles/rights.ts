import type { RightView } from '#libs/contracts/roles-api.js';

type Action = RightView['actions'][number];
export type Subject = RightView['subject'];

/** The subjects of libs/contracts/roles-api.ts, with what of them can be given. */
export const subjects: readonly { readonly subject: Subject; readonly actions: readonly Action[] }[] = [
  { subject: 'person', actions: ['read', 'change'] },
  { subject: 'invitation', actions: ['read', 'change'] },
  { subject: 'group', actions: ['read', 'change'] },
  { subject: 'role', actions: ['read'] },
  { subject: 'key', actions: ['read', 'change'] },
  { subject: 'usage', actions: ['read'] },
  { subject: 'audit', actions: ['read'] },
  { subject: 'backend', actions: ['read', 'change'] },
  { subject: 'settings', actions: ['read', 'change'] },
  { subject: 'sso', actions: ['read', 'change'] },
  { subject: 'scim', actions: ['read', 'change'] },
];

/** Over all fields of all things of the kind: what the matrix shows. */
function isPlain({ fields, where }: RightView): boolean {
  return fields === undefined && where === undefined;
}

export function limitedRights(rights: readonly RightView[]): readonly RightView[] {
  return rights.filter((right) => !isPlain(right));
}

export function hasRight(rights: readonly RightView[], subject: Subject, action: Action): boolean {
  return rights.some((right) => isPlain(right) && right.subject === subject && right.actions.includes(action));
}

/** To change a thing is to see it: the one box ticks or clears the other. */
export function withRight(
  rights: readonly RightView[],
  subject: Subject,
  { action, given }: { readonly action: Action; readonly given: boolean },
): readonly RightView[] {
  const others = rights.filter((right) => !isPlain(right) || right.subject !== subject);
  const has = (one: Action) => hasRight(rights, subject, one);
  const change = action === 'change' ? given : given && has('change');
  const read = action === 'read' ? given : given || has('read');
  const actions: Action[] = [...(read ? (['read'] as const) : []), ...(change ? (['change'] as const) : [])];
  return actions.length === 0 ? others : [...others, { subject, actions }];
}
