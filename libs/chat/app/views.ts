import type { ConversationView, MessageView } from '#libs/contracts/chat-views.js';
import type { Conversation, Message } from '../domain/conversation.js';

/** A conversation as it goes over the wire. */
export function toConversationView(conversation: Conversation): ConversationView {
  const { id, title, pinned, model, activeLeafId, running } = conversation;
  return {
    id,
    title,
    pinned,
    model,
    activeLeafId,
    running,
    createdAt: conversation.createdAt.toISOString(),
    updatedAt: conversation.updatedAt.toISOString(),
  };
}

/** A message as it goes over the wire. */
export function toMessageView(message: Message): MessageView {
  const { id, conversationId, parentId, role, text, answer, feedback } = message;
  return {
    id,
    conversationId,
    parentId,
    role,
    text,
    feedback,
    createdAt: message.createdAt.toISOString(),
    answer:
      answer === null
        ? null
        : {
            ...answer,
            notices: [...answer.notices],
            startedAt: answer.startedAt.toISOString(),
            endedAt: answer.endedAt?.toISOString() ?? null,
          },
  };
}
