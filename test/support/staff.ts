import { RandomIds } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { type Browser, meOf } from './browser.js';
import { type TestFaces, tokenOf } from './faces.js';

const ids = new RandomIds();
const password = 'a long enough password';

export interface StaffMember {
  readonly chat: Browser;
  /** Without a session where the role opens no admin page. */
  readonly admin: Browser;
  readonly id: string;
  readonly email: string;
}

/** Somebody with the role, signed in at the chat and, where the role allows it, on the admin pages. */
export async function joinAs(faces: TestFaces, tenant: Tenant, role: Role, name = 'person'): Promise<StaffMember> {
  const email = `${name}-${ids.next()}@${tenant.slug}.example`;
  const { url } = await faces.identity.inviteByCli(tenant, { email, role });
  const chat = faces.chat(tenant);
  const me = await chat.call('POST', '/api/links/use', { token: tokenOf(url), name, password });
  const admin = faces.admin(tenant);
  const handover = await chat.call('POST', '/api/admin-handover');
  if (handover.status === 200)
    await admin.call('POST', '/api/handover', { token: tokenOf(String(handover.json['url'])) });
  return { chat, admin, id: String(meOf(me)['userId']), email };
}
