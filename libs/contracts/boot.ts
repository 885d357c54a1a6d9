import { z } from 'zod';
import { LocaleName } from './tenant-spec.js';

/** Public look of a tenant, in the first byte of HTML. Nothing here is secret. */
export const PublicBranding = z.object({
  displayName: z.string(),
  logoUrl: z.string().nullable().describe('Path with the hash of its content, or null.'),
  primaryColor: z.string(),
  greeting: z.string().nullable(),
  starters: z.array(z.string()),
  supportEmail: z.string().nullable(),
  locale: LocaleName,
});
export type PublicBranding = z.infer<typeof PublicBranding>;

export const SignInMethods = z.object({
  passwordsFor: z.enum(['everybody', 'owners']).describe('Who may sign in with a password.'),
  sso: z.object({ label: z.string().describe('Host of the identity provider.') }).nullable(),
});
export type SignInMethods = z.infer<typeof SignInMethods>;

/** The JSON block `<script type="application/json" id="boot">` of both web front ends. */
export const BootBlock = z.object({
  face: z.enum(['chat', 'admin']),
  branding: PublicBranding,
  signIn: SignInMethods,
  version: z.string(),
  chatUrl: z.string().describe('Origin of the chat of this tenant.'),
  adminUrl: z.string().describe('Origin of the admin pages of this tenant.'),
});
export type BootBlock = z.infer<typeof BootBlock>;
