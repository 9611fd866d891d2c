import { RepowerError } from "./errors.js";
import type { EnvelopePath, Operation, Options, Query, Schemas, Success } from "./operations.js";

/** A page of a list. */
export interface Page<Row> {
  readonly data: Row[];
  readonly meta: Schemas["PageMeta"];
}

/** The paths of paged lists. */
export type ListPath = {
  [P in EnvelopePath<"get">]: Success<Operation<"get", P>> extends Page<unknown> ? P : never;
}[EnvelopePath<"get">];

/** The row of a list. */
export type Row<P extends ListPath> = Success<Operation<"get", P>> extends Page<infer R> ? R : never;

/** The options of a page request: `path` and `query` as in the document. */
export type ListOptions<P extends ListPath> = Options<Operation<"get", P>>;

/** The filters of a list. */
export type ListQuery<P extends ListPath> = Query<Operation<"get", P>>;

/** The options of reading a list into an array. */
export interface ToArrayOptions {
  /** The maximum number of rows; all by default. Only the required pages are fetched. */
  max?: number | undefined;
}

/**
 * A list from its first row to its last; each iteration starts again. It is not a promise, and awaiting it reads nothing:
 * use `for await`, or `await list.toArray()`.
 */
export interface List<R> extends AsyncIterable<R> {
  /** The pages of the list, each fetched on demand. */
  pages(): AsyncIterableIterator<Page<R>>;
  /** The rows as an array, fetched page by page. */
  toArray(options?: ToArrayOptions): Promise<R[]>;
}

/** Creates a list from a function that fetches the page at a cursor. */
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

/** Rejects a page whose next cursor is its own, which would be an infinite loop. */
function notMoving(): RepowerError {
  const message = "The list is invalid: a page is followed by itself.";
  const details = { contentType: null, excerpt: "" };
  return new RepowerError({ success: false, code: "unexpected_answer", message, details });
}
