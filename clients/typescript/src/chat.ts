import { isTemporary, RepowerError } from "./errors.js";
import type { Operation, Result, Schemas } from "./operations.js";
import { resumable, type Resumable } from "./resumable.js";
import type { Wait } from "./wait.js";

type Message = Schemas["Message"];

/** The options of polling a thread. */
export interface PollOptions {
  /** The `seq` of the last known message; 0, the default, starts with the first message. */
  after?: number | undefined;
  /** The pause without new messages, in milliseconds; 3,000 by default. */
  interval?: number | undefined;
  /** The maximum pause after failures and by `Retry-After`, in milliseconds; 60,000 by default. */
  maxInterval?: number | undefined;
  /** The maximum number of messages of a request; 50 by default, at most 200. */
  limit?: number | undefined;
  /** Called for each failure after which the polling continues: no network, 429, 502, 503, 504. */
  onInterruption?: ((error: RepowerError) => void) | undefined;
  /** Ends the polling. */
  signal?: AbortSignal | undefined;
}

/** The options of reading a thread backwards. */
export interface HistoryOptions {
  /** The `seq` of the oldest known message; without it, the newest messages come first. */
  before?: number | undefined;
  /** The maximum number of messages of a part; 50 by default, at most 200. */
  limit?: number | undefined;
  /** Ends a request with the reason of the signal. */
  signal?: AbortSignal | undefined;
}

/** A part of a thread: messages in the order in which they were sent. */
export interface History {
  readonly data: Message[];
  /** `hasMore`: older messages exist; `lastSeq`: the last message of the thread, from which a poll continues. */
  readonly meta: Schemas["MessagesMeta"];
}

/** Yields the parts of a thread from the newest to the oldest, each fetched on demand. */
export function history(
  fetch: (before: number | undefined) => Promise<History>,
  { before }: HistoryOptions,
): Resumable<History> {
  let oldest = before;
  let more = true;
  return resumable(async function* () {
    while (more) {
      const part = await fetch(oldest);
      oldest = part.data[0]?.seq;
      more = part.meta.hasMore && oldest !== undefined;
      yield part;
    }
  });
}

/** Requests the messages after one; with an ETag only a response that differs. */
export type FetchMessages = (
  after: number,
  etag: string | null,
) => Promise<Result<Operation<"get", "/api/chat/threads/{id}/messages">>>;

/** The position of a poll. */
interface Position {
  seq: number;
  /** The ETag of the last response; null if `seq` has changed since, or the browser keeps it. */
  etag: string | null;
}

/** The messages that follow without a gap. */
interface Part {
  messages: Message[];
  /** Whether more messages follow at once. */
  more: boolean;
  /** The error of a response that starts after a gap. */
  gap: RepowerError | null;
}

const FIRST_PAUSE = 1_000;

/**
 * Yields the messages after `after` in their order, each once, until the signal is aborted. After an error, the next call
 * continues at the same message.
 */
export function poll(fetch: FetchMessages, wait: Wait, options: PollOptions): Resumable<Message> {
  const { after = 0, interval = 3_000, maxInterval = 60_000, signal } = options;
  const position: Position = { seq: after, etag: null };
  let failures = 0;
  let gaps = 0;
  return resumable(async function* () {
    while (!signal?.aborted) {
      const part = await ask(fetch, position).catch(failed(signal));
      if (part === null) return;
      let pause = interval;
      if (part instanceof RepowerError) {
        options.onInterruption?.(part);
        const requested = part.retryAfter === null ? Math.max(interval, FIRST_PAUSE) * 2 ** failures : part.retryAfter * 1000;
        pause = Math.min(Math.max(requested, interval), Math.max(maxInterval, interval));
        failures += 1;
      } else {
        failures = 0;
        gaps = part.gap === null ? 0 : gaps + 1;
        if (part.gap !== null && gaps > 1) throw part.gap;
        for (const message of part.messages) {
          position.seq = message.seq;
          yield message;
          if (signal?.aborted) return;
        }
        if (part.more) continue;
      }
      if ((await wait(pause, signal).catch(failed(signal))) === null) return;
    }
  });
}

/** The messages of one response that follow the position without a gap. */
async function ask(fetch: FetchMessages, position: Position): Promise<Part> {
  const { data: page, error, response } = await fetch(position.seq, position.etag);
  if (error) throw new RepowerError(error, { response });
  if (!page) return { messages: [], more: false, gap: null };
  const unseen = page.data.filter((message) => message.seq > position.seq);
  const messages = unseen.filter((message, index) => message.seq === position.seq + 1 + index);
  const cut = messages.length < unseen.length;
  const gap = cut && messages.length === 0 ? gapAfter(position.seq, response) : null;
  position.etag = unseen.length === 0 && !hasCache() ? response.headers.get("ETag") : null;
  return { messages, more: messages.length > 0 && (cut || page.meta.hasMore), gap };
}

/**
 * Whether this is a browser, whose own cache sends the ETag. Set by hand, `If-None-Match` makes it ask the server of another
 * origin for permission before each request.
 */
function hasCache(): boolean {
  return "document" in globalThis || "WorkerGlobalScope" in globalThis;
}

/** Handles a failure: ends after an abort, returns a pause for a temporary failure, throws any other. */
function failed(signal: AbortSignal | undefined) {
  return (thrown: unknown): RepowerError | null => {
    if (signal?.aborted) return null;
    if (thrown instanceof RepowerError && isTemporary(thrown)) return thrown;
    throw thrown;
  };
}

function gapAfter(seq: number, response: Response): RepowerError {
  const message = `Message ${seq + 1} is missing in the response.`;
  const details = { contentType: response.headers.get("Content-Type"), excerpt: "" };
  return new RepowerError({ success: false, code: "unexpected_answer", message, details }, { response });
}
