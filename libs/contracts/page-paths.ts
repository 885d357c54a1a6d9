/** Pages of the web front ends that a server sends people to. Tokens travel in the fragment, which no server sees. */
export const pagePaths = {
  /** Chat: `/link#<token>` of an owner, invite or reset link. */
  link: '/link',
  /** Chat: `/sign-in?error=<code>&id=<request id>` after a sign-in at the identity provider has failed. */
  signIn: '/sign-in',
  /** Chat: where a test of an identity provider ends. */
  signInTested: '/sign-in/tested',
  /** Admin: `/enter#<token>` of a hand-over from the chat. */
  enterAdmin: '/enter',
} as const;

/** Pages of the admin front end, as `getAdminMe` names them. */
export const adminPages = [
  'overview',
  'usage',
  'people',
  'groups',
  'roles',
  'models',
  'sso',
  'scim',
  'keys',
  'branding',
  'audit',
  'settings',
] as const;
export type AdminPage = (typeof adminPages)[number];
