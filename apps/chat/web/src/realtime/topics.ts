import type { ConversationEvent, PersonEvent, ServerFrame, TurnEvent, TurnState } from '#libs/contracts/chat-events.js';
import { applyTurnEvent, emptyTurn, receive, type Position } from '#libs/contracts/stream-reducer.js';
import { liveAnswers } from './live-answers.js';

type FrameOf<Name extends ServerFrame['event']> = Extract<ServerFrame, { event: Name }>['data'];
type AnyEvent = TurnEvent | ConversationEvent | PersonEvent;

interface TopicState {
  position: Position;
  /** What the text of an answer starts from: kept text where it is continued. */
  base: TurnState;
}

interface TopicEvents {
  /** Sends `sub` for a topic, from where it stands. */
  readonly subscribe: (topic: string) => void;
  readonly onConversation: (event: ConversationEvent | PersonEvent) => void;
  readonly onReload: (conversationId: string) => void;
  readonly onTurnEnd: (generationId: string) => void;
}

function isTurnEvent(event: AnyEvent): event is TurnEvent {
  return event.kind.startsWith('t');
}

/** What this tab listens to, and how far it knows each. Applies frames by the rule of stream-reducer. */
export class Topics {
  private readonly topics = new Map<string, TopicState>();

  constructor(private readonly events: TopicEvents) {}

  has(topic: string): boolean {
    return this.topics.has(topic);
  }

  add(topic: string, position: Position, base: TurnState = emptyTurn): void {
    this.topics.set(topic, { position, base });
    this.events.subscribe(topic);
  }

  remove(topic: string): void {
    this.topics.delete(topic);
  }

  /** The subscription of a topic as it goes over the wire. */
  subscription(topic: string): { topic: string; after: number; epoch?: number } {
    const { epoch, known } = this.topics.get(topic)?.position ?? { epoch: null, known: 0 };
    return epoch === null ? { topic, after: known } : { topic, after: known, epoch };
  }

  all(): { topic: string; after: number; epoch?: number }[] {
    return [...this.topics.keys()].map((topic) => this.subscription(topic));
  }

  take(frame: FrameOf<'ev'>): void {
    // Not a log: what is missed there is fetched anew after a reconnect.
    if (frame.topic === 'person') return this.apply(frame.topic, frame.events);
    const topic = this.topics.get(frame.topic);
    if (topic === undefined) return;
    const step = receive<AnyEvent>(topic.position, frame);
    switch (step.kind) {
      case 'apply':
        topic.position = step.position;
        return this.apply(frame.topic, step.events);
      case 'resubscribe':
        return this.events.subscribe(frame.topic);
      case 'restart':
        topic.position = { ...topic.position, known: 0 };
        this.startAnew(frame.topic, topic);
        return this.events.subscribe(frame.topic);
      case 'drop':
      case 'wait':
        return;
    }
  }

  takeSnapshot(frame: FrameOf<'snap'>): void {
    const topic = this.topics.get(frame.topic);
    if (topic === undefined) return;
    topic.position = { epoch: frame.epoch, known: frame.seq };
    const [kind, id = ''] = frame.topic.split(':');
    if ('reload' in frame.state) {
      if (kind === 'conversation') this.events.onReload(id);
      return;
    }
    liveAnswers.write(id, frame.state);
    if (frame.state.status !== 'running') this.events.onTurnEnd(id);
  }

  private startAnew(name: string, topic: TopicState): void {
    const [kind, id = ''] = name.split(':');
    if (kind === 'generation') liveAnswers.write(id, topic.base);
  }

  private apply(name: string, events: readonly AnyEvent[]): void {
    const generationId = name.split(':')[1] ?? '';
    for (const event of events) {
      if (!isTurnEvent(event)) {
        this.events.onConversation(event);
        continue;
      }
      const before = liveAnswers.read(generationId) ?? this.topics.get(name)?.base ?? emptyTurn;
      liveAnswers.write(generationId, applyTurnEvent(before, event));
      if (event.kind === 'turn-end' || event.kind === 'turn-error') this.events.onTurnEnd(generationId);
    }
  }
}
