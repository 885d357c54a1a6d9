import type { SendReceipt, SendRequest, ServerFrame, TurnIntent } from '#libs/contracts/chat-events.js';
import type { MessageView } from '#libs/contracts/chat-views.js';
import { emptyTurn } from '#libs/contracts/stream-reducer.js';
import { navigate } from '#libs/ui/router.js';
import { RequestFailure, offlineCode } from '#libs/ui/request-failure.js';
import { api, queries } from '../app/api.js';
import {
  applyConversationEvent,
  cachedConversation,
  forgetThread,
  mergeReceipt,
  refetchConversation,
  refetchThreads,
} from '../threads/thread-cache.js';
import { setConnected } from './connection-state.js';
import { HttpLine } from './http-line.js';
import { liveAnswers } from './live-answers.js';
import { outbox } from './outbox.js';
import { ReturningSocket } from './socket.js';
import { Topics } from './topics.js';

/** The chat's line to the server: topics, running answers and the outbox over one socket, or HTTP where it is blocked. */
class Connection {
  private socket: ReturningSocket | null = null;
  private wasOpen = false;
  private readonly http = new HttpLine(
    (frame) => this.take(frame),
    () => this.askAnew(),
  );
  private readonly topics = new Topics({
    subscribe: (topic) => {
      if (this.socket?.send('sub', this.topics.subscription(topic)) !== true) this.http.follow(topic);
    },
    onConversation: (event) => this.onEvent(event),
    onReload: (conversationId) => void refetchConversation(conversationId),
    onTurnEnd: (generationId) => void this.endAnswer(generationId),
  });

  start(): () => void {
    const socket = new ReturningSocket({
      onOpen: () => this.greet(),
      onFrame: (frame) => this.take(frame),
      onState: (open) => setConnected(open || this.http.isOn),
      onRefused: () => void this.goByHttp(),
      onSessionEnd: () => queries.setQueryData(['me'], null),
    });
    this.socket = socket;
    this.wasOpen = false;
    socket.start();
    return () => {
      socket.stop();
      this.http.setOn(false);
    };
  }

  /** Follows a conversation from event `seq` on, until the returned function is called. */
  follow(conversationId: string, seq: number): () => void {
    const topic = `conversation:${conversationId}`;
    this.topics.add(topic, { epoch: 0, known: seq });
    return () => this.leave(topic);
  }

  /** Follows a running answer to its end. */
  followAnswer(message: MessageView, epoch: number | null = null): void {
    const answer = message.answer;
    if (answer === null || answer.status !== 'running' || this.topics.has(`generation:${answer.generationId}`)) return;
    const base = { ...emptyTurn, model: answer.model, demo: answer.demo, notices: answer.notices };
    liveAnswers.write(answer.generationId, base);
    this.topics.add(`generation:${answer.generationId}`, { epoch, known: 0 }, base);
  }

  /** Queues a turn and sends it as soon as there is a line; it is sent again, unchanged, until acknowledged. */
  send(intent: TurnIntent, conversationId: string | null, model?: string): void {
    const request: SendRequest = { clientId: crypto.randomUUID(), intent, ...(model === undefined ? {} : { model }) };
    outbox.add({ request, conversationId, createdAt: new Date().toISOString(), error: null });
    this.dispatch(request);
  }

  retry(clientId: string): void {
    outbox.setError(clientId, null);
    const turn = outbox.find(clientId);
    if (turn !== undefined) this.dispatch(turn.request);
  }

  /** Asks for an end; false where there is no line to ask over. */
  stopAnswer(generationId: string): boolean {
    return this.socket?.send('stop', { generationId }) ?? false;
  }

  private dispatch(request: SendRequest): void {
    if (this.socket?.send('send', request) !== true && this.http.isOn) void this.post(request);
  }

  private async post(request: SendRequest): Promise<void> {
    try {
      this.acknowledge(await api('POST /api/turns', { body: request }));
    } catch (error) {
      // Without an answer it stays in the outbox, for the next line.
      if (error instanceof RequestFailure && error.view.code !== offlineCode)
        outbox.setError(request.clientId, error.view);
    }
  }

  /** No socket gets through: where the server answers otherwise, that way is taken until one does. */
  private async goByHttp(): Promise<void> {
    const answers = await api('GET /api/me').then(
      () => true,
      () => false,
    );
    if (answers === this.http.isOn) return;
    this.http.setOn(answers);
    setConnected(answers);
    if (!answers) return;
    for (const { topic } of this.topics.all()) this.http.follow(topic);
    for (const turn of outbox.all()) if (turn.error === null) this.dispatch(turn.request);
  }

  /** What other devices did, where no socket tells of it. */
  private askAnew(): void {
    for (const { topic } of this.topics.all()) {
      const [kind, id = ''] = topic.split(':');
      if (kind === 'conversation') void refetchConversation(id);
    }
    void refetchThreads();
  }

  private async endAnswer(generationId: string): Promise<void> {
    this.leave(`generation:${generationId}`);
    if (!this.http.isOn) return;
    // No event of the conversation comes this way.
    await Promise.all([queries.invalidateQueries({ queryKey: ['conversation'] }), refetchThreads()]);
    liveAnswers.forget(generationId);
  }

  private leave(topic: string): void {
    this.topics.remove(topic);
    this.http.leave(topic);
    this.socket?.send('unsub', { topic });
  }

  private greet(): void {
    this.http.setOn(false);
    this.socket?.send('hello', { subs: [{ topic: 'person' }, ...this.topics.all()] });
    for (const turn of outbox.all()) if (turn.error === null) this.socket?.send('send', turn.request);
    // What the person did elsewhere meanwhile is in no log.
    if (this.wasOpen) void refetchThreads();
    this.wasOpen = true;
  }

  private take(frame: ServerFrame): void {
    switch (frame.event) {
      case 'ev':
        return this.topics.take(frame.data);
      case 'snap':
        return this.topics.takeSnapshot(frame.data);
      case 'ack':
        return this.acknowledge(frame.data);
      case 'err':
        return this.fail(frame.data);
      case 'ready':
      case 'drain':
      case 'pong':
        return;
    }
  }

  private acknowledge(receipt: SendReceipt): void {
    const turn = outbox.find(receipt.clientId);
    mergeReceipt(receipt);
    this.followAnswer(receipt.answer, receipt.epoch);
    if (turn === undefined) return;
    outbox.remove(receipt.clientId);
    if (turn.conversationId === null && location.pathname === '/')
      navigate(`/c/${receipt.conversation.id}`, { replace: true });
  }

  private fail({ clientId, topic, error }: Extract<ServerFrame, { event: 'err' }>['data']): void {
    if (clientId !== undefined) return outbox.setError(clientId, error);
    const [kind, id = ''] = topic?.split(':') ?? [];
    if (topic !== undefined) this.topics.remove(topic);
    if (kind === 'generation') {
      liveAnswers.forget(id);
      void queries.invalidateQueries({ queryKey: ['conversation'] });
    }
  }

  private onEvent(event: Parameters<typeof applyConversationEvent>[0]): void {
    if (event.kind === 'conversation-removed') return forgetThread(event.conversationId);
    if (event.kind === 'models-changed') return void queries.invalidateQueries({ queryKey: ['models'] });
    applyConversationEvent(event);
    if (event.kind === 'conversation-changed') return;
    const { message } = event;
    const generationId = message.answer?.generationId;
    if (generationId === undefined) return;
    if (message.answer?.status !== 'running') liveAnswers.forget(generationId);
    else if (cachedConversation(message.conversationId) !== undefined) this.followAnswer(message);
  }
}

export const connection = new Connection();
