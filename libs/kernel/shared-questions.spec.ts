import { describe, expect, it } from '@jest/globals';
import { SharedQuestions } from './shared-questions.js';

describe('a question that many ask at once', () => {
  const questions = () => {
    const shared = new SharedQuestions<number>();
    const answers: ((value: number) => void)[] = [];
    const failures: ((error: Error) => void)[] = [];
    const ask = (name: string) =>
      shared.ask(
        name,
        () =>
          new Promise((resolve, reject) => {
            answers.push(resolve);
            failures.push(reject);
          }),
      );
    return { shared, answers, failures, ask };
  };

  it('is looked for once, and anew when it is asked later', async () => {
    const { answers, ask } = questions();
    const both = [ask('a'), ask('a')];
    expect(answers).toHaveLength(1);
    answers[0]?.(1);

    expect(await Promise.all(both)).toEqual([1, 1]);
    void ask('a');
    expect(answers).toHaveLength(2);
  });

  it('is another one under another name', () => {
    const { answers, ask } = questions();
    void ask('a');
    void ask('b');

    expect(answers).toHaveLength(2);
  });

  it('fails for all who asked, and for nobody later', async () => {
    const { answers, failures, ask } = questions();
    const both = [ask('a'), ask('a')];
    failures[0]?.(new Error('no'));

    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const later = ask('a');
    answers[1]?.(2);
    expect(await later).toBe(2);
  });

  it('is asked anew after the answer may have changed, while the first ones still wait', async () => {
    const { shared, answers, ask } = questions();
    const first = ask('acme:1');
    shared.forget((name) => name.startsWith('acme:'));
    const second = ask('acme:1');
    answers[0]?.(1);
    answers[1]?.(2);

    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });
});
