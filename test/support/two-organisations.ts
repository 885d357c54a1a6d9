import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { type RunningPlatform, startPlatform } from '#apps/standalone/start-platform.js';
import { NewPasskeyOptions } from '#libs/contracts/passkey-api.js';
import { ConfigSchema } from '#libs/platform/config.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { FakeModelServer } from '#test/fakes/fake-model-server.js';
import { Browser, meOf } from './browser.js';
import { tokenOf } from './faces.js';
import { SoftwareAuthenticator } from './software-authenticator.js';
import { LiveSocket } from './live-socket.js';
import { freePort } from './free-port.js';
import { newFolder, writeBackend, writeTenant } from './platform.js';
import { freshDatabaseUrl } from './test-database.js';
import { until } from './until.js';

/** Names of everything in an organisation that a caller can name. */
export interface Belongings {
  readonly host: string;
  readonly conversation: string;
  readonly answer: string;
  readonly question: string;
  readonly generation: string;
  readonly session: string;
  readonly passkey: string;
  readonly person: string;
  readonly invitation: string;
  readonly role: string;
  readonly group: string;
  readonly scimToken: string;
  readonly scimTokenId: string;
  readonly keyId: string;
  readonly key: string;
  readonly ownerToken: string;
  readonly handoverToken: string;
  readonly cookie: string;
  readonly adminCookie: string;
  readonly model: string;
  readonly backend: string;
  readonly email: string;
  readonly logo: string;
}

/** Names like those of an organisation, of things that are nowhere. */
export function unknownBelongings(): Belongings {
  const letters = (length: number) => randomBytes(length).toString('hex').slice(0, length);
  return {
    host: 'nobody.localhost',
    conversation: randomUUID(),
    answer: randomUUID(),
    question: randomUUID(),
    generation: randomUUID(),
    session: randomUUID(),
    passkey: letters(43),
    person: randomUUID(),
    invitation: randomUUID(),
    role: randomUUID(),
    group: randomUUID(),
    scimToken: `ws_${letters(16)}_${letters(10)}_${letters(43)}`,
    scimTokenId: letters(10),
    keyId: letters(10),
    key: `wk_${letters(16)}_${letters(10)}_${letters(43)}`,
    ownerToken: letters(43),
    handoverToken: letters(43),
    cookie: letters(43),
    adminCookie: letters(43),
    model: 'model-of-nobody',
    backend: 'backend-of-nobody',
    email: 'nobody@nowhere.example',
    logo: `${letters(16)}.svg`,
  };
}

export const password = 'a long enough password';

/** An organisation with an owner who is signed in everywhere, and one of everything. */
export interface Organisation {
  readonly tenant: Tenant;
  readonly chat: Browser;
  readonly admin: Browser;
  readonly socket: LiveSocket;
  readonly has: Belongings;
  /** Stands in every text of this organisation that a person wrote. */
  readonly canary: string;
}

/** Two organisations with like-named things, in one process that a test may look into. */
export interface TwoOrganisations {
  readonly platform: RunningPlatform;
  readonly port: number;
  readonly databaseUrl: string;
  readonly models: FakeModelServer;
  readonly acme: Organisation;
  readonly globex: Organisation;
  close(): Promise<void>;
}

export async function startTwoOrganisations(): Promise<TwoOrganisations> {
  const [data, tenants, port, databaseUrl] = await Promise.all([
    newFolder(),
    newFolder(),
    freePort(),
    freshDatabaseUrl(),
  ]);
  const models = await FakeModelServer.start();
  const canaries = {
    acme: `Canary${randomBytes(6).toString('hex')}`,
    globex: `Canary${randomBytes(6).toString('hex')}`,
  };
  for (const [name, canary] of Object.entries(canaries)) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"><title>${canary}</title></svg>`;
    await writeBackend(tenants, `of-${name}`, {
      provider: 'openai',
      url: models.url,
      models: [{ id: `tiny-${name}` }],
    });
    await writeTenant(tenants, name, {
      displayName: `${name} ${canary}`,
      owner: { email: 'owner@same.example' },
      branding: { logo: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}` },
      models: { backends: [{ ref: `of-${name}` }], default: `tiny-${name}`, systemPrompt: `You serve ${canary}.` },
    });
  }
  const config = ConfigSchema.parse({
    port,
    tenants,
    data,
    secrets: join(data, 'secrets'),
    databaseUrl,
    probeModels: 'false',
    bootId: randomUUID(),
  });
  const platform = await startPlatform(config, pino({ level: 'silent' }), () => undefined);
  const settle = async (slug: keyof typeof canaries) => {
    const tenant = await platform.foundation.directory.bySlug(slug);
    if (tenant === null) throw new Error(`there is no ${slug}: ${platform.manifests.problems.join()}`);
    return furnish(platform, { tenant, port, models, canary: canaries[slug] });
  };
  return {
    platform,
    port,
    databaseUrl,
    models,
    acme: await settle('acme'),
    globex: await settle('globex'),
    async close() {
      await platform.stop();
      await models.close();
      for (const folder of [data, tenants]) await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Site {
  readonly tenant: Tenant;
  readonly port: number;
  readonly models: FakeModelServer;
  readonly canary: string;
}

async function furnish({ identity }: RunningPlatform, { tenant, port, models, canary }: Site): Promise<Organisation> {
  const host = `${tenant.slug}.localhost`;
  const chat = new Browser(`http://${host}:${port}`);
  const admin = new Browser(`http://admin.${host}:${port}`);
  const token = async () => tokenOf((await identity.issueOwnerLink(tenant)).url);
  const handover = async () => tokenOf(String((await chat.call('POST', '/api/admin-handover')).json['url']));
  const me = await chat.call('POST', '/api/links/use', { token: await token(), name: `Same ${canary}`, password });
  await chat.call('PUT', '/api/me/password', { password });
  await admin.call('POST', '/api/handover', { token: await handover() });
  const model = `tiny-${tenant.slug}`;
  models.script(model, { words: ['Answer ', `with ${canary}`] });
  const socket = await LiveSocket.open(chat);
  const receipt = await socket.say(`Same title ${canary}`);
  await until(async () => {
    const detail = await chat.get(`/api/conversations/${receipt.conversation.id}`);
    return detail.text.includes('"status":"complete"');
  });
  const invitation = await admin.call('POST', '/api/invitations', {
    email: `${canary.toLowerCase()}@same.example`,
    role: 'member',
  });
  const role = await admin.call('POST', '/api/roles', { name: `Same role ${canary}`, rights: [] });
  const directory = await admin.call('POST', '/api/scim/tokens', { name: `Same directory ${canary}` });
  const group = await new Browser(`http://${host}:${port}`).send('POST', '/scim/v2/Groups', {
    body: { displayName: `Same group ${canary}` },
    headers: { authorization: `Bearer ${String(directory.json['secret'])}` },
  });
  const key = await admin.call('POST', '/api/keys', { name: `Same key ${canary}` });
  const passkey = new SoftwareAuthenticator(chat.origin);
  const { json: options } = await chat.call('POST', '/api/me/passkey-options');
  const answer = passkey.make(NewPasskeyOptions.parse(options));
  await chat.call('POST', '/api/me/passkeys', { name: `Same passkey ${canary}`, answer });
  const page = await chat.get('/', { accept: 'text/html' });
  return {
    tenant,
    chat,
    admin,
    socket,
    canary,
    has: {
      host,
      conversation: receipt.conversation.id,
      answer: receipt.answer.id,
      question: receipt.userMessage?.id ?? '',
      generation: receipt.generationId,
      session: String(meOf(me)['sessionId']),
      passkey: passkey.id,
      person: String(meOf(me)['userId']),
      invitation: String(invitation.json['id']),
      role: String(role.json['id']),
      group: String(group.json['id']),
      scimToken: String(directory.json['secret']),
      scimTokenId: (directory.json['token'] as { id: string }).id,
      keyId: (key.json['key'] as { id: string }).id,
      key: String(key.json['secret']),
      ownerToken: await token(),
      handoverToken: await handover(),
      cookie: chat.cookie('__Host-whisper') ?? '',
      adminCookie: admin.cookie('__Host-whisper-admin') ?? '',
      model,
      backend: `of-${tenant.slug}`,
      email: 'owner@same.example',
      logo: /\/brand\/([\w.-]+)/.exec(page.text)?.[1] ?? '',
    },
  };
}
