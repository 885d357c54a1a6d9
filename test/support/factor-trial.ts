import type { AuditEvent } from '#libs/governance/domain/audit-event.js';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import { RandomIds, userId } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { type Answer, type Browser, meOf } from './browser.js';
import { startFaces, type TestFaces, tokenOf } from './faces.js';
import { setUpApp } from './guarded-person.js';

const ids = new RandomIds();

/** Length of a step of an authenticator app, in ms. */
export const stepMs = 30_000;
export const password = 'a long enough password';

/** The code of the error that is answered; null for none. */
export function codeOf({ json }: Answer): string | null {
  return (json['error'] as { code?: string } | undefined)?.code ?? null;
}

/** Two organisations over two replicas, with people who have second factors. */
export class FactorTrial {
  private constructor(
    readonly faces: TestFaces,
    readonly other: TestFaces,
    readonly acme: Tenant,
    readonly globex: Tenant,
  ) {}

  static async open(): Promise<FactorTrial> {
    const faces = await startFaces();
    const other = await startFaces({ tenantAddresses: 'any', beside: faces });
    const [acme, globex] = await Promise.all([faces.database.provision('acme'), faces.database.provision('globex')]);
    return new FactorTrial(faces, other, acme, globex);
  }

  async close(): Promise<void> {
    await this.other.close();
    await this.faces.close();
  }

  readonly now = (): Date => this.faces.clock.now();

  /** Time goes on, at every replica: at least until the next code is another one. */
  pass(ms = stepMs): void {
    this.faces.clock.shiftMs += ms;
    this.other.clock.shiftMs = this.faces.clock.shiftMs;
  }

  /** Nobody has tried anything yet. */
  async forgive(): Promise<void> {
    const everything = new Date(this.now().getTime() + 1e9);
    await this.faces.database.sessions.run(this.acme.id, ({ attempts }) => attempts.expire(everything));
  }

  async events(action: string): Promise<readonly AuditEvent[]> {
    const filter = { action, outcome: null, cursor: null, limit: 50 };
    const page = await this.faces.database.sessions.run(this.acme.id, ({ audit }) =>
      audit.page(filter, systemAbility('owner')),
    );
    return page.items;
  }

  /** Why the newest sign-in went as it did. */
  async lastReason(): Promise<string | null | undefined> {
    return (await this.events('session.create'))[0]?.reason;
  }

  /** Somebody who is signed in, and has a password. */
  async join(tenant = this.acme, role: Role = 'member') {
    const email = `p-${ids.next()}@${tenant.slug}.example`;
    const { url } = await this.faces.identity.inviteByCli(tenant, { email, role });
    const browser = this.faces.chat(tenant);
    const answer = await browser.call('POST', '/api/links/use', { token: tokenOf(url), name: 'Ada', password });
    return { email, browser, id: userId(String(meOf(answer)['userId'])) };
  }

  /** Somebody with an authenticator app, whose next code was not used. */
  async guarded(tenant = this.acme, role: Role = 'member') {
    const person = await this.join(tenant, role);
    const guard = await setUpApp(person.browser, this.now);
    this.pass();
    return { ...person, ...guard };
  }

  /** The admin pages, for somebody who is signed in at the chat. */
  async adminOf(chat: Browser): Promise<Browser> {
    const admin = this.faces.admin(this.acme);
    const { json } = await chat.call('POST', '/api/admin-handover');
    await admin.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });
    return admin;
  }

  signIn(email: string, { browser = this.faces.chat(this.acme), given = password } = {}): Promise<Answer> {
    return browser.call('POST', '/api/sign-in/password', { email, password: given });
  }

  async ticketOf(email: string): Promise<string> {
    return String((await this.signIn(email)).json['ticket']);
  }

  show(
    ticket: string,
    code: string,
    browser = this.faces.chat(this.acme),
    kind: 'totp' | 'recovery-code' = 'totp',
  ): Promise<Answer> {
    return browser.call('POST', '/api/sign-in/second-factor', { ticket, factor: { kind, code } });
  }

  /** With a recovery code in place of the app's. */
  recover(ticket: string, code: string, browser = this.faces.chat(this.acme)): Promise<Answer> {
    return this.show(ticket, code, browser, 'recovery-code');
  }
}
