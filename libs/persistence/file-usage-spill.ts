import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { tenantId, uuidV7 } from '#libs/kernel/ids.js';
import type { UsageEvent } from '#libs/inference/domain/usage.js';
import { UsageSpill } from '#libs/inference/ports/usage-spill.js';

const Count = z.int().nonnegative();
/** One line of a spill file. */
const SpilledEvent = z.object({
  id: z.uuid(),
  tenant: z.string().transform(tenantId),
  at: z.iso.datetime().transform((text) => new Date(text)),
  personId: z.string().nullable(),
  keyId: z.string().nullable(),
  channel: z.enum(['chat', 'api']),
  kind: z.enum(['chat', 'embeddings']),
  model: z.string(),
  backend: z.string(),
  status: z.enum(['ok', 'error', 'aborted']),
  errorCode: z.string().nullable(),
  promptTokens: Count,
  completionTokens: Count,
  estimated: z.boolean(),
  costMicroUsd: Count,
  firstTokenMs: z.int().nullable(),
  totalMs: z.int(),
  attempts: Count,
});

/** Keeps batches as files of JSON lines in a folder, each written whole and synced before it counts. */
export class FileUsageSpill extends UsageSpill {
  constructor(private readonly folder: string) {
    super();
  }

  override async put(events: readonly UsageEvent[]): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    // Version 7 ids sort by time: the oldest file is replayed first.
    const path = join(this.folder, uuidV7(Date.now()));
    const file = await open(`${path}.part`, 'w', 0o600);
    try {
      await file.writeFile(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, `${path}.jsonl`);
  }

  override async replay(write: (events: readonly UsageEvent[]) => Promise<void>): Promise<boolean> {
    const name = (await this.names())[0];
    if (name === undefined) return false;
    const path = join(this.folder, name);
    await write(readEvents(await readFile(path, 'utf8')));
    await rm(path);
    return true;
  }

  private async names(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => name.endsWith('.jsonl')).sort();
  }
}

/** Lines that are no event (a disk that lied) are left out: the others are worth more than the whole batch. */
function readEvents(text: string): UsageEvent[] {
  return text.split('\n').flatMap((line) => {
    const parsed = line === '' ? null : parseLine(line);
    return parsed === null ? [] : [parsed];
  });
}

function parseLine(line: string): UsageEvent | null {
  try {
    return SpilledEvent.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
