import { z } from 'zod';

/** Keyset paging: `cursor` is what the page before gave as `nextCursor`. */
export const PageQuery = z.object({
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** A page of `item`, with the cursor of the next one, or null at the end. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

export const IdParams = z.object({ id: z.uuid() });
