import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Put, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Conversations } from '#libs/chat/app/conversations.js';
import {
  changeConversation,
  deleteConversation,
  getConversation,
  listConversations,
  rateMessage,
  restoreConversation,
} from '#libs/contracts/chat-api.js';
import type { ConversationDetail, ConversationView } from '#libs/contracts/chat-views.js';
import { conversationId, messageId } from '#libs/kernel/ids.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';

type Id = { readonly id: string };

@Controller()
export class ConversationsController {
  constructor(@Inject(Conversations) private readonly conversations: Conversations) {}

  @Get(listConversations.path)
  @Returns(listConversations)
  list(
    @SignedIn() { tenant, session }: SignedInCaller,
    @Query({ schema: listConversations.query }) { search, cursor, limit }: z.output<typeof listConversations.query>,
  ): Promise<{ items: ConversationView[]; nextCursor: string | null }> {
    return this.conversations.page(tenant.id, {
      person: session.personId,
      search: search ?? null,
      cursor: cursor ?? null,
      limit,
    });
  }

  @Get(getConversation.path)
  @Returns(getConversation)
  show(
    @SignedIn() { tenant, session }: SignedInCaller,
    @Param({ schema: getConversation.params }) { id }: Id,
  ): Promise<ConversationDetail> {
    return this.conversations.detail(tenant.id, session.personId, conversationId(id));
  }

  @Patch(changeConversation.path)
  @Returns(changeConversation)
  change(
    @SignedIn() { tenant, session }: SignedInCaller,
    @Param({ schema: changeConversation.params }) { id }: Id,
    @Body({ schema: changeConversation.body })
    { activeLeafId, title, pinned, model }: z.output<typeof changeConversation.body>,
  ): Promise<ConversationView> {
    const change = {
      ...(title === undefined ? {} : { title }),
      ...(pinned === undefined ? {} : { pinned }),
      ...(model === undefined ? {} : { model }),
      ...(activeLeafId === undefined ? {} : { activeLeafId: messageId(activeLeafId) }),
    };
    return this.conversations.change(tenant.id, session.personId, { ...change, id: conversationId(id) });
  }

  @Delete(deleteConversation.path)
  @Returns(deleteConversation)
  remove(
    @SignedIn() { tenant, session }: SignedInCaller,
    @Param({ schema: deleteConversation.params }) { id }: Id,
  ): Promise<void> {
    return this.conversations.remove(tenant.id, session.personId, conversationId(id));
  }

  @Post(restoreConversation.path)
  @Returns(restoreConversation)
  restore(
    @SignedIn() { tenant, session }: SignedInCaller,
    @Param({ schema: restoreConversation.params }) { id }: Id,
  ): Promise<ConversationView> {
    return this.conversations.restore(tenant.id, session.personId, conversationId(id));
  }

  @Put(rateMessage.path)
  @Returns(rateMessage)
  rate(
    @SignedIn() { tenant, session }: SignedInCaller,
    @Param({ schema: rateMessage.params }) { id }: Id,
    @Body({ schema: rateMessage.body }) { feedback }: z.output<typeof rateMessage.body>,
  ): Promise<void> {
    return this.conversations.rate(tenant.id, session.personId, { id: messageId(id), feedback });
  }
}
