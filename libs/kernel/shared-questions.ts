/** Asks once for everybody who wants to know the same thing at the same time. */
export class SharedQuestions<Answer> {
  private readonly asked = new Map<string, Promise<Answer>>();

  ask(name: string, question: () => Promise<Answer>): Promise<Answer> {
    const known = this.asked.get(name);
    if (known !== undefined) return known;
    const answer = question();
    this.asked.set(name, answer);
    const forget = (): void => {
      if (this.asked.get(name) === answer) this.asked.delete(name);
    };
    answer.then(forget, forget);
    return answer;
  }

  /** Who asks from now on gets an answer that was looked for from now on: what was known has changed. */
  forget(concerns: (name: string) => boolean): void {
    for (const name of this.asked.keys()) if (concerns(name)) this.asked.delete(name);
  }
}
