import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import {
  addPasskey,
  askPasskey,
  beginPasskey,
  listPasskeys,
  type NewPasskeyOptions,
  type PasskeyOptions,
  type PasskeyView,
  removePasskey,
  renamePasskey,
  signInWithPasskey,
} from '#libs/contracts/passkey-api.js';
import type { MeView } from '#libs/contracts/session-api.js';
import { OwnPasskeys } from '#libs/identity/app/own-passkeys.js';
import { SignInWithPasskey } from '#libs/identity/app/sign-in-with-passkey.js';
import type { Passkey } from '#libs/identity/domain/passkey.js';
import { type Caller, CallerParam, SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { signedIn } from '#libs/platform/signed-in-reply.js';

type Id = { readonly id: string };

/** Passkeys: to sign in with, and those of one's own account. */
@Controller()
export class PasskeysController {
  constructor(
    @Inject(SignInWithPasskey) private readonly door: SignInWithPasskey,
    @Inject(OwnPasskeys) private readonly own: OwnPasskeys,
  ) {}

  @Post(askPasskey.path)
  @Returns(askPasskey)
  ask(@CallerParam() caller: Caller): Promise<PasskeyOptions> {
    return this.door.ask(caller);
  }

  @Post(signInWithPasskey.path)
  @Returns(signInWithPasskey)
  async signIn(
    @CallerParam() caller: Caller,
    @Body({ schema: signInWithPasskey.body }) { answer }: z.output<typeof signInWithPasskey.body>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MeView> {
    return signedIn(reply, 'chat', await this.door.signIn(caller, answer));
  }

  @Get(listPasskeys.path)
  @Returns(listPasskeys)
  async list(@SignedIn() caller: SignedInCaller): Promise<z.input<typeof listPasskeys.reply>> {
    return { items: (await this.own.list(caller)).map(viewOf) };
  }

  @Post(beginPasskey.path)
  @Returns(beginPasskey)
  begin(@SignedIn() caller: SignedInCaller): Promise<NewPasskeyOptions> {
    return this.own.begin(caller);
  }

  @Post(addPasskey.path)
  @Returns(addPasskey)
  async add(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: addPasskey.body }) given: z.output<typeof addPasskey.body>,
  ): Promise<PasskeyView> {
    return viewOf(await this.own.add(caller, given));
  }

  @Patch(renamePasskey.path)
  @Returns(renamePasskey)
  rename(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: renamePasskey.params }) { id }: Id,
    @Body({ schema: renamePasskey.body }) { name }: z.output<typeof renamePasskey.body>,
  ): Promise<void> {
    return this.own.rename(caller, id, name);
  }

  @Delete(removePasskey.path)
  @Returns(removePasskey)
  remove(@SignedIn() caller: SignedInCaller, @Param({ schema: removePasskey.params }) { id }: Id): Promise<void> {
    return this.own.remove(caller, id);
  }
}

function viewOf({ id, name, host, isSynced, createdAt, lastUsedAt }: Passkey): PasskeyView {
  return {
    id,
    name,
    host,
    isSynced,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
