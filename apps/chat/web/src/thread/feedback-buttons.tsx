import { ThumbsDown, ThumbsUp } from 'lucide-react';
import { useState } from 'react';
import type { MessageView } from '#libs/contracts/chat-views.js';
import { Button } from '#libs/ui/button.js';
import { Dialog } from '#libs/ui/dialog.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { TextAreaField } from '#libs/ui/text-field.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from '../app/api.js';
import { putMessage } from '../threads/thread-cache.js';

type Feedback = MessageView['feedback'];

/** Thumbs up or down, the latter with a word on why if one likes. */
export function FeedbackButtons({ message }: { readonly message: MessageView }) {
  const { text } = useText();
  const [asking, setAsking] = useState(false);
  const [comment, setComment] = useState('');
  const rating = message.feedback?.rating;
  const rate = async (feedback: Feedback): Promise<void> => {
    putMessage({ ...message, feedback });
    try {
      await api('PUT /api/messages/:id/feedback', { params: { id: message.id }, body: { feedback } });
    } catch {
      putMessage(message);
      showToast(text('feedback.failed'));
    }
  };
  const toggle = (wanted: 'up' | 'down'): void => {
    void rate(rating === wanted ? null : { rating: wanted, comment: null });
    if (wanted === 'down' && rating !== 'down') setAsking(true);
  };
  return (
    <>
      <IconButton
        icon={ThumbsUp}
        label={text('feedback.up')}
        aria-pressed={rating === 'up'}
        onClick={() => toggle('up')}
      />
      <IconButton
        icon={ThumbsDown}
        label={text('feedback.down')}
        aria-pressed={rating === 'down'}
        onClick={() => toggle('down')}
      />
      <Dialog open={asking} onClose={() => setAsking(false)} title={text('feedback.title')}>
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            setAsking(false);
            if (comment.trim() !== '') void rate({ rating: 'down', comment: comment.trim() });
          }}
        >
          <TextAreaField
            label={text('feedback.comment')}
            help={text('feedback.help')}
            maxLength={2000}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(false)}>{text('feedback.skip')}</Button>
            <Button type="submit" look="solid">
              {text('feedback.send')}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
