import { RepowerError } from "./errors.js";
import type { EnvelopePath, Operation, Options, Query, Schemas, Success } from "./operations.js";
import { resumable, type Resumable } from "./resumable.js";

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
  /** The pages of the list, each fetched on demand. After an error, `next` fetches the same page again. */
  pages(): Resumable<Page<R>>;
  /** The rows as an array, fetched page by page. */
  toArray(options?: ToArrayOptions): Promise<R[]>;
}

/** Creates a list from a function that fetches the page at a cursor. */
export function createList<R>(
  fetchPage: (cursor: string | undefined) => Promise<Page<R>>,
  signal: AbortSignal | undefined,
): List<R> {
  function pages() {
    let cursor: string | null | undefined;
    return resumable(async function* () {
      while (cursor !== null) {
        signal?.throwIfAborted();
        const page: Page<R> = await fetchPage(cursor);
        if (page.meta.nextCursor === cursor) throw notMoving();
        cursor = page.meta.nextCursor;
        yield page;
      }
    });
  }
  function rows() {
    const source = pages();
    let read: R[] = [];
    return resumable(async function* () {
      for (;;) {
        for (let row; (row = read.shift()) !== undefined; ) {
          yield row;
          signal?.throwIfAborted();
        }
        const next = await source.next();
        if (next.done) return;
        read = [...next.value.data];
      }
    });
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
