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

/** A list from its first row to its last; each iteration begins anew. */
export interface List<R> extends AsyncIterable<R> {
  /** The list part by part, each fetched when it is asked for. */
  pages(): AsyncIterableIterator<Page<R>>;
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
  return { pages, [Symbol.asyncIterator]: rows };
}

/** A part that is followed by itself would be read for ever. */
function notMoving(): RepowerError {
  const message = "The list does not go on: a part is followed by itself.";
  const details = { contentType: null, excerpt: "" };
  return new RepowerError({ success: false, code: "unexpected_answer", message, details });
}
