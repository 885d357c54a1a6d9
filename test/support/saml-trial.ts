import { systemAbility } from '#libs/identity/domain/abilities.js';
import { expect } from '@jest/globals';
import type { SamlKey } from '#libs/identity/ports/saml-connector.js';
import { makeSelfSigned } from '#libs/signin/self-signed.js';
import type { SamlProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Answer, Browser } from './browser.js';
import { startFaces, type TestFaces } from './faces.js';
import { type Lie, post, readAsk, type SamlAsk, SamlIdp, type SamlPerson } from './saml-idp.js';
import { samlProfile } from './sso-profiles.js';

export const minute = 60_000;
export const ada: SamlPerson = { nameId: 'ada@acme.example', attributes: { groups: ['staff'] } };
/** A moment this far from now, in ms. */
export const from = (ms: number): Date => new Date(Date.now() + ms);

/** Organisations with one SAML provider, and whoever tries to get in. */
export class SamlTrial {
  private next = 0;

  private constructor(
    readonly faces: TestFaces,
    readonly idp: SamlIdp,
    /** A key that no provider of anybody publishes. */
    readonly attacker: SamlKey,
  ) {}

  static async start(): Promise<SamlTrial> {
    return new SamlTrial(...(await Promise.all([startFaces(), SamlIdp.start(), makeSelfSigned('idp', new Date())])));
  }

  async close(): Promise<void> {
    await this.faces.close();
    await this.idp.close();
  }

  organisation(change: Partial<SamlProfile> = {}): Promise<Tenant> {
    this.next += 1;
    const sso = samlProfile({ source: this.idp.fieldsSource, ...change });
    return this.faces.database.provision(`org-${this.next}`, { sso });
  }

  /** Goes as far as the provider's door. */
  async setOut(browser: Browser): Promise<SamlAsk> {
    const start = await browser.get('/api/sign-in/sso');
    expect(start.status).toBe(302);
    return readAsk(start.location ?? '');
  }

  send(browser: Browser, ask: SamlAsk, SAMLResponse: string): Promise<Answer> {
    return post(browser, this.idp, new URL(ask.acsUrl).pathname, {
      SAMLResponse,
      ...(ask.relayState === null ? {} : { RelayState: ask.relayState }),
    });
  }

  /** A whole sign-in, honest but for the lie. */
  async attempt(
    tenant: Tenant,
    {
      lie = {},
      person = ada,
      browser = this.faces.chat(tenant),
    }: { lie?: Lie; person?: SamlPerson; browser?: Browser } = {},
  ): Promise<{ browser: Browser; answer: Answer }> {
    const ask = await this.setOut(browser);
    return { browser, answer: await this.send(browser, ask, await this.idp.answer(ask, person, lie)) };
  }

  /** Why something was refused, newest first. */
  async reasons(tenant: Tenant): Promise<readonly string[]> {
    return (await this.audit(tenant, 'refused')).map(({ reason }) => reason ?? '');
  }

  async audit(tenant: Tenant, outcome: 'refused' | 'success') {
    const page = await this.faces.database.sessions.run(tenant.id, ({ audit }) =>
      audit.page({ action: null, outcome, cursor: null, limit: 200 }, systemAbility('owner')),
    );
    return page.items;
  }

  /** Nobody is in, nobody was made, and the log has one reason more. */
  async expectNothing(tenant: Tenant, browser: Browser, reason: string, before = 0): Promise<void> {
    const reasons = await this.reasons(tenant);
    expect(reasons).toHaveLength(before + 1);
    expect(reasons[0]).toContain(reason);
    expect(await this.audit(tenant, 'success')).toEqual([]);
    expect((await browser.get('/api/me')).status).toBe(401);
    const people = await this.faces.database.sessions.run(tenant.id, ({ people }) =>
      people.page({ search: null, searchesEmail: true, group: null, cursor: null, limit: 5 }, systemAbility('owner')),
    );
    expect(people.items).toEqual([]);
  }
}
