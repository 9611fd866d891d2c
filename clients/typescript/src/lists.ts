import { RepowerError } from "./errors.js";
import type { EnvelopePath, Operation, Options, Query, Schemas, Success } from "./operations.js";

/** A part of a list. */
export interface Page<Row> {
  readonly data: Row[];
  readonly meta: Schemas["PageMeta"];
}

/** The paths that answer a list in parts. */
export type ListPath = {
  [P in EnvelopePath<"get">]: Success<Operation<"get", P>> extends Page<unknown> ? P : never;
}[EnvelopePath<"get">];

/** What a list is a list of. */
export type Row<P extends ListPath> = Success<Operation<"get", P>> extends Page<infer R> ? R : never;

/** What asks for a part of a list: `path` and `query` as the document has them. */
export type ListOptions<P extends ListPath> = Options<Operation<"get", P>>;

/** What a list can be narrowed by. */
export type ListQuery<P extends ListPath> = Query<Operation<"get", P>>;

/** How a list is read into an array. */
export interface ToArrayOptions {
  /** How many rows at most; all unless said. No part is fetched that is not needed. */
  max?: number | undefined;
}

/**
 * A list from its first row to its last; each iteration begins anew. It is no promise, and awaiting it reads nothing: use
 * `for await`, or `await list.toArray()`.
 */
export interface List<R> extends AsyncIterable<R> {
  /** The list part by part, each fetched when it is asked for. */
  pages(): AsyncIterableIterator<Page<R>>;
  /** The rows at once, each part fetched after the other. */
  toArray(options?: ToArrayOptions): Promise<R[]>;
}

/** Makes a list of what fetches one part of it, beginning at a cursor. */
export function createList<R>(
  fetchPage: (cursor: string | undefined) => Promise<Page<R>>,
  signal: AbortSignal | undefined,
): List<R> {
  async function* pages() {
    let cursor: string | null | undefined;
    while (cursor !== null) {
      signal?.throwIfAborted();
      const page: Page<R> = await fetchPage(cursor);
      yield page;
      if (page.meta.nextCursor === cursor) throw notMoving();
      cursor = page.meta.nextCursor;
    }
  }
  async function* rows() {
    for await (const page of pages()) {
      for (const row of page.data) {
        signal?.throwIfAborted();
        yield row;
      }
    }
  }
  async function toArray({ max = Infinity }: ToArrayOptions = {}) {
    const taken: R[] = [];
    if (max <= 0) return taken;
    for await (const row of rows()) {
      taken.push(row);
      if (taken.length >= max) break;
    }
    return taken;
  }
  return { pages, toArray, [Symbol.asyncIterator]: rows };
}

/** A part that is followed by itself would be read for ever. */
function notMoving(): RepowerError {
  const message = "The list does not go on: a part is followed by itself.";
  const details = { contentType: null, excerpt: "" };
  return new RepowerError({ success: false, code: "unexpected_answer", message, details });
}
