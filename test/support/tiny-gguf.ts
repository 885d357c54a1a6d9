/** Text whose letter pairs the model learns; any English does. */
const corpus = `
whisper is a chat platform for many organisations. each of them has its own data and its own models.
a message goes to the router, the router asks a model, and the answer comes back word by word.
when the connection breaks the answer goes on, and the page shows it again. nothing is lost.
`;

/** Wide enough for one dimension for each token (259), in multiples of 32. */
const width = 288;
const layers = 1;
const feedForward = 32;
const heads = 4;
const tokens = 259;
/** Bytes stand behind `<unk>`, `<s>` and `</s>`. */
const byteOffset = 3;
const endToken = 2;
const alignment = 32;

/** Types of metadata values and tensors in GGUF version 3. */
const type = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

/**
 * A llama model of 2 MB in GGUF: one-hot embeddings, attention and feed-forward that do nothing, and an output
 * matrix of letter-pair frequencies. It writes pronounceable nonsense, the same for the same seed, and ends.
 */
export function tinyGguf(): Buffer {
  const tensors = makeTensors();
  const metadata = makeMetadata();
  const head = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(metadata.length)]);
  let offset = 0;
  const infos = tensors.map(({ name, shape, data }) => {
    const info = Buffer.concat([text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset)]);
    offset += padded(data.byteLength);
    return info;
  });
  const front = Buffer.concat([head, ...metadata, ...infos]);
  const bodies = tensors.map(({ data }) => pad(Buffer.from(data.buffer)));
  return Buffer.concat([pad(front), ...bodies]);
}

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

function makeTensors(): Tensor[] {
  const zeros = (name: string, ...shape: number[]): Tensor => ({
    name,
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b)),
  });
  const ones = (name: string): Tensor => ({ name, shape: [width], data: new Float32Array(width).fill(1) });
  const block = Array.from({ length: layers }, (_, index) => [
    ones(`blk.${index}.attn_norm.weight`),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => zeros(`blk.${index}.${name}.weight`, width, width)),
    ones(`blk.${index}.ffn_norm.weight`),
    zeros(`blk.${index}.ffn_gate.weight`, width, feedForward),
    zeros(`blk.${index}.ffn_up.weight`, width, feedForward),
    zeros(`blk.${index}.ffn_down.weight`, feedForward, width),
  ]);
  const embedding = zeros('token_embd.weight', width, tokens);
  for (let token = 0; token < tokens; token += 1) embedding.data[token * width + token] = 1;
  return [embedding, ...block.flat(), ones('output_norm.weight'), outputTensor()];
}

/** After the norm a one-hot row is √width at its token: the matrix is divided by that. */
function outputTensor(): Tensor {
  const data = new Float32Array(width * tokens);
  const counts = pairCounts();
  for (let next = 0; next < tokens; next += 1)
    for (let token = 0; token < tokens; token += 1)
      data[next * width + token] = Math.log((counts[token]?.[next] ?? 0) + 1e-4) / Math.sqrt(width);
  return { name: 'output.weight', shape: [width, tokens], data };
}

function pairCounts(): number[][] {
  const counts = Array.from({ length: tokens }, () => Array.from({ length: tokens }, () => 0));
  const bytes = [...Buffer.from(corpus)].map((byte) => byte + byteOffset);
  const add = (from: number, to: number) => {
    const row = counts[from];
    if (row !== undefined) row[to] = (row[to] ?? 0) + 1;
  };
  bytes.forEach((token, index) => add(token, bytes[index + 1] ?? endToken));
  // A sentence may end the answer.
  const dot = '.'.charCodeAt(0) + byteOffset;
  for (let times = 0; times < 3; times += 1) add(dot, endToken);
  return counts;
}

function makeMetadata(): Buffer[] {
  const pieces = ['<unk>', '<s>', '</s>', ...Array.from({ length: 256 }, (_, byte) => `<0x${hex(byte)}>`)];
  const template =
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";
  return [
    entry('general.architecture', type.string, text('llama')),
    entry('general.name', type.string, text('tiny-llama')),
    number('llama.context_length', 1_024),
    number('llama.embedding_length', width),
    number('llama.block_count', layers),
    number('llama.feed_forward_length', feedForward),
    number('llama.attention.head_count', heads),
    number('llama.attention.head_count_kv', heads),
    number('llama.rope.dimension_count', width / heads),
    number('llama.vocab_size', tokens),
    entry('llama.attention.layer_norm_rms_epsilon', type.float32, f32(1e-5)),
    entry('tokenizer.ggml.model', type.string, text('llama')),
    list('tokenizer.ggml.tokens', type.string, pieces.map(text)),
    list(
      'tokenizer.ggml.scores',
      type.float32,
      pieces.map(() => f32(0)),
    ),
    list(
      'tokenizer.ggml.token_type',
      type.int32,
      pieces.map((_, index) => u32(tokenType(index))),
    ),
    number('tokenizer.ggml.bos_token_id', 1),
    number('tokenizer.ggml.eos_token_id', endToken),
    number('tokenizer.ggml.unknown_token_id', 0),
    entry('tokenizer.ggml.add_space_prefix', type.bool, Buffer.from([0])),
    entry('tokenizer.chat_template', type.string, text(template)),
  ];
}

/** unknown 2, control 3, byte 6. */
function tokenType(index: number): number {
  if (index === 0) return 2;
  return index < byteOffset ? 3 : 6;
}

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, '0');
const padded = (bytes: number) => Math.ceil(bytes / alignment) * alignment;
const pad = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(padded(bytes.length) - bytes.length)]);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}
function entry(key: string, kind: number, value: Buffer): Buffer {
  return Buffer.concat([text(key), u32(kind), value]);
}
function number(key: string, value: number): Buffer {
  return entry(key, type.uint32, u32(value));
}
function list(key: string, kind: number, values: readonly Buffer[]): Buffer {
  return entry(key, type.array, Buffer.concat([u32(kind), u64(values.length), ...values]));
}
