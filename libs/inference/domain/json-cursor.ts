const simpleEscapes = new Set(Buffer.from('"\\/bfnrt'));
const literals = new Map(
  [Buffer.from('true'), Buffer.from('false'), Buffer.from('null')].map((word) => [word[0], word]),
);

/** Deeper nesting than any real request; a recursion that stays well inside the stack. */
const maxDepth = 500;

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
const isHex = (byte: number) => isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

/**
 * Walks over JSON text (RFC 8259) in bytes, checking its grammar without building anything. Each method
 * steps over one thing and says whether it was well-formed.
 */
export class JsonCursor {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** The byte here; 0, which JSON never holds outside a string, past the end. */
  get byte(): number {
    return this.bytes[this.at] ?? 0;
  }

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  space(): void {
    while (this.byte === 0x20 || this.byte === 0x0a || this.byte === 0x0d || this.byte === 0x09) this.at += 1;
  }

  /** Steps over `byte` if it is here. */
  take(byte: number): boolean {
    if (this.byte !== byte || this.atEnd) return false;
    this.at += 1;
    return true;
  }

  string(): boolean {
    if (!this.take(0x22)) return false;
    const { bytes } = this;
    const end = bytes.length;
    let at = this.at;
    for (;;) {
      // The loop most bytes of a request go through: nothing but compares of small integers.
      let byte = 0;
      for (; at < end; at += 1) {
        byte = bytes[at] ?? 0;
        if (byte < 0x20 || byte === 0x22 || byte === 0x5c) break;
      }
      this.at = at;
      if (at === end || byte < 0x20) return false;
      if (byte === 0x22) break;
      if (!this.escape()) return false;
      at = this.at;
    }
    this.at += 1;
    return true;
  }

  value(depth = 0): boolean {
    if (depth > maxDepth) return false;
    switch (this.byte) {
      case 0x22:
        return this.string();
      case 0x7b:
        return this.object(() => this.value(depth + 1));
      case 0x5b:
        return this.array(depth);
      case 0x74:
      case 0x66:
      case 0x6e:
        return this.literal();
      default:
        return this.number();
    }
  }

  /** Steps over an object; `member` steps over one value, the key at `[keyStart, keyEnd)` with its quotes. */
  object(member: (keyStart: number, keyEnd: number) => boolean): boolean {
    if (!this.take(0x7b)) return false;
    this.space();
    if (this.take(0x7d)) return true;
    do {
      this.space();
      const keyStart = this.at;
      if (!this.string()) return false;
      const keyEnd = this.at;
      this.space();
      if (!this.take(0x3a)) return false;
      this.space();
      if (!member(keyStart, keyEnd)) return false;
      this.space();
    } while (this.take(0x2c));
    return this.take(0x7d);
  }

  private array(depth: number): boolean {
    this.at += 1;
    this.space();
    if (this.take(0x5d)) return true;
    do {
      this.space();
      if (!this.value(depth + 1)) return false;
      this.space();
    } while (this.take(0x2c));
    return this.take(0x5d);
  }

  private escape(): boolean {
    if (!this.take(0x5c)) return false;
    if (!this.take(0x75)) {
      const known = simpleEscapes.has(this.byte);
      this.at += 1;
      return known;
    }
    for (let digit = 0; digit < 4; digit += 1) {
      if (!isHex(this.byte)) return false;
      this.at += 1;
    }
    return true;
  }

  private literal(): boolean {
    const word = literals.get(this.byte);
    if (word === undefined) return false;
    for (const byte of word) if (!this.take(byte)) return false;
    return true;
  }

  private number(): boolean {
    this.take(0x2d);
    if (!this.take(0x30) && !this.digits()) return false;
    if (this.take(0x2e) && !this.digits()) return false;
    if (!this.take(0x65) && !this.take(0x45)) return true;
    if (!this.take(0x2b)) this.take(0x2d);
    return this.digits();
  }

  private digits(): boolean {
    const start = this.at;
    while (isDigit(this.byte)) this.at += 1;
    return this.at > start;
  }
}
