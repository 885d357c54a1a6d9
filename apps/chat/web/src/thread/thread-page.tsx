import { ArrowDown } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { ConversationView, ModelList } from '#libs/contracts/chat-views.js';
import { Button } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { RequestFailure } from '#libs/ui/request-failure.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { useTitle } from '#libs/ui/use-title.js';
import { openAdmin } from '../app/account-menu.js';
import { api } from '../app/api.js';
import { NotFound } from '../app/not-found.js';
import { useMe } from '../app/use-me.js';
import { connection } from '../realtime/connection.js';
import { useLiveAnswer } from '../realtime/live-answers.js';
import { changeThread } from '../threads/use-threads.js';
import { Announcer } from './announcer.js';
import { Composer } from './composer.js';
import { focusComposer } from './composer-focus.js';
import { useDraft } from './drafts.js';
import { EmptyThread } from './empty-thread.js';
import { LimitNotice } from './limit-notice.js';
import { Messages } from './messages.js';
import { ModelPicker, useModels } from './model-picker.js';
import { useStickToEnd } from './use-stick-to-end.js';
import { useThread, useThreadView } from './use-thread.js';

function canAnswer(models: ModelList | undefined): boolean {
  return models?.models.some(({ kind, available }) => kind === 'chat' && available) === true;
}

/** @param answering whether a conversation is on screen: there the label of each demo answer says enough */
function NoModels({ answering }: { readonly answering: boolean }) {
  const { text } = useText();
  const me = useMe().data;
  const models = useModels().data;
  const problem = models?.problem ?? null;
  // With the demo responder there, only somebody who can connect a model needs to know that none is.
  if (problem === null || (canAnswer(models) && (answering || me?.mayAdmin !== true))) return null;
  return (
    <div
      role="status"
      data-testid="no-models"
      className="mb-2 flex flex-wrap items-center gap-3 rounded-card bg-warning-soft px-4 py-3 text-small text-text"
    >
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-medium">{problem.message}</p>
        <p>{problem.action}</p>
      </div>
      {me?.mayAdmin === true && (
        <Button small onClick={() => void openAdmin(() => showToast(text('app.actionFailed')))}>
          {text('account.admin')}
        </Button>
      )}
    </div>
  );
}

/** The model the next turn asks for: the thread's, the one chosen here, or the tenant's default. */
function useModelChoice(thread: ConversationView | null) {
  const { text } = useText();
  const models = useModels().data;
  const [chosen, setChosen] = useState<string | null>(null);
  const known = (id: string | null | undefined): string | null =>
    models?.models.some((model) => model.id === id && model.available) === true ? (id ?? null) : null;
  const model = known(chosen) ?? known(thread?.model) ?? models?.defaultModel ?? null;
  const choose = (id: string): void => {
    setChosen(id);
    if (thread !== null) void changeThread(thread, { model: id }, text);
  };
  return { model, choose, asked: known(chosen) ?? undefined, blocked: models !== undefined && !canAnswer(models) };
}

interface ThreadPageProps {
  readonly conversationId: string | null;
  readonly leading: ReactNode;
}

function MessagesSkeleton() {
  return (
    <div className="flex flex-col gap-6">
      <Skeleton className="ms-auto h-11 w-1/2 rounded-composer" />
      <div className="flex flex-col gap-3">
        <Skeleton className="h-4 w-11/12" />
        <Skeleton className="h-4 w-4/5" />
        <Skeleton className="h-4 w-2/3" />
      </div>
    </div>
  );
}

function useStop(running: { readonly answer: { readonly generationId: string } | null } | undefined) {
  const { text } = useText();
  const generationId = running?.answer?.generationId;
  if (generationId === undefined) return null;
  return () => {
    if (connection.stopAnswer(generationId)) return;
    const failed = (): void => showToast(text('app.actionFailed'));
    void api('POST /api/generations/:id/stop', { params: { id: generationId } }).catch(failed);
  };
}

function Header({
  title,
  leading,
  children,
}: {
  readonly title: string;
  readonly leading: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <header className="flex h-13 shrink-0 items-center gap-1 px-2">
      {leading}
      <h1 className="min-w-0 flex-1 truncate px-2 font-medium">{title}</h1>
      {children}
    </header>
  );
}

interface OpenThreadProps {
  /** Turns on their way; a new one takes the reader to the end. */
  readonly sent: number;
  readonly composer: ReactNode;
  readonly children: ReactNode;
}

/** Messages that scroll over the composer, and the way back to their end. */
function OpenThread({ sent, composer, children }: OpenThreadProps) {
  const { text } = useText();
  const { scroller, content, atEnd, toEnd } = useStickToEnd();
  useEffect(() => {
    if (sent > 0) toEnd();
  }, [sent, toEnd]);
  return (
    <main id="main" className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        tabIndex={0}
        role="region"
        aria-label={text('thread.messages')}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain -outline-offset-2"
        data-testid="messages"
      >
        <div ref={content} className="mx-auto w-full max-w-3xl px-5 pt-4 pb-8 max-md:px-4">
          {children}
        </div>
      </div>
      <div className="relative shrink-0 pb-[calc(12px+env(safe-area-inset-bottom))]">
        {!atEnd && (
          <Button
            small
            onClick={toEnd}
            data-testid="newest"
            className="absolute start-1/2 bottom-full mb-3 -translate-x-1/2 animate-appear shadow-float rtl:translate-x-1/2"
          >
            <ArrowDown size={16} aria-hidden />
            {text('thread.newest')}
          </Button>
        )}
        {composer}
      </div>
    </main>
  );
}

/** A thread, or the start of one. */
export function ThreadPage({ conversationId, leading }: ThreadPageProps) {
  const { text } = useText();
  const query = useThread(conversationId);
  const thread = query.data?.conversation ?? null;
  const view = useThreadView(conversationId, query.data);
  const { model, choose, asked, blocked } = useModelChoice(thread);
  const [draft, setDraft] = useDraft(conversationId ?? 'new');
  const stop = useStop(view.running);
  const live = useLiveAnswer(view.running?.answer?.generationId);
  const empty = conversationId === null && view.pending.length === 0;
  const title = thread?.title ?? '';
  useTitle(title);
  useEffect(() => {
    if (window.matchMedia('(hover: hover)').matches) focusComposer();
  }, [empty]);

  const say = (words: string): void => {
    const parentId = view.path.at(-1)?.id ?? null;
    connection.send({ kind: 'say', conversationId, parentId, text: words.trim() }, conversationId, asked);
  };
  const composer = (
    <Composer
      draft={draft}
      onDraft={setDraft}
      onSend={() => {
        say(draft);
        setDraft('');
      }}
      onStop={stop}
      blocked={blocked || !view.idle}
      notice={
        <>
          <LimitNotice newest={view.path.at(-1)} />
          <NoModels answering={!empty} />
        </>
      }
    />
  );
  const isGone = query.error instanceof RequestFailure && query.error.status === 404;
  if (isGone) return <NotFound leading={leading} />;
  if (empty)
    return (
      <>
        <header className="flex h-13 shrink-0 items-center justify-between px-2">
          <span className="flex-1">{leading}</span>
          <ModelPicker model={model} onChoose={choose} />
        </header>
        <main id="main" className="flex min-h-0 flex-1 flex-col pb-[env(safe-area-inset-bottom)]">
          <EmptyThread composer={composer} onStarter={say} />
        </main>
      </>
    );
  return (
    <>
      <Header title={title === '' ? text('app.newChat') : title} leading={leading}>
        <ModelPicker model={model} onChoose={choose} />
      </Header>
      <OpenThread sent={view.pending.length} composer={composer}>
        {query.isPending && conversationId !== null && <MessagesSkeleton />}
        {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
        <Messages thread={thread} {...view} model={asked} onTakeBack={setDraft} />
      </OpenThread>
      <Announcer answer={view.running === undefined ? null : (live?.text ?? '')} />
    </>
  );
}
