import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  changePerson,
  listPeople,
  type LinkView,
  type PersonView,
  resetFactors,
  resetPerson,
  signOutPerson,
} from '#libs/contracts/admin-api.js';
import { ManagePeople } from '#libs/identity/app/manage-people.js';
import { ResetFactors } from '#libs/identity/app/reset-factors.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { linkView, personView } from './views.js';

type Id = { readonly id: string };

@Controller()
export class PeopleController {
  constructor(
    @Inject(ManagePeople) private readonly people: ManagePeople,
    @Inject(ResetFactors) private readonly factors: ResetFactors,
  ) {}

  @Get(listPeople.path)
  @Returns(listPeople)
  async list(
    @SignedIn() caller: SignedInCaller,
    @Query({ schema: listPeople.query }) { search, group, cursor, limit }: z.output<typeof listPeople.query>,
  ): Promise<z.input<typeof listPeople.reply>> {
    const filter = { search: search ?? null, group: group ?? null, cursor: cursor ?? null, limit };
    const page = await this.people.list(caller, filter);
    return { items: page.items.map(personView), nextCursor: page.nextCursor };
  }

  @Patch(changePerson.path)
  @Returns(changePerson)
  async change(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: changePerson.params }) { id }: Id,
    @Body({ schema: changePerson.body }) change: z.output<typeof changePerson.body>,
  ): Promise<PersonView> {
    return personView(await this.people.change(caller, id, change));
  }

  @Post(resetPerson.path)
  @Returns(resetPerson)
  async reset(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: resetPerson.params }) { id }: Id,
  ): Promise<z.input<typeof LinkView>> {
    return linkView(await this.people.resetLink(caller, id));
  }

  @Post(signOutPerson.path)
  @Returns(signOutPerson)
  signOut(@SignedIn() caller: SignedInCaller, @Param({ schema: signOutPerson.params }) { id }: Id): Promise<void> {
    return this.people.signOut(caller, id);
  }

  @Delete(resetFactors.path)
  @Returns(resetFactors)
  resetFactors(@SignedIn() caller: SignedInCaller, @Param({ schema: resetFactors.params }) { id }: Id): Promise<void> {
    return this.factors.reset(caller, id);
  }
}
