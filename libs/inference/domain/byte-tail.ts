/** A usage chunk and `[DONE]` take under 1 kB; servers that add timings or cache figures stay below this. */
const tailBytes = 8_192;

/** The last few kilobytes of a stream, kept as the chunks they came in, so that a push copies nothing. */
export class ByteTail {
  private chunks: Buffer[] = [];
  private length = 0;

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    let first = this.chunks[0];
    while (first !== undefined && this.length - first.length >= tailBytes) {
      this.length -= first.length;
      this.chunks.shift();
      first = this.chunks[0];
    }
  }

  /** As Latin-1: every byte one character, so that a cut multi-byte character harms nothing. */
  text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }
}
