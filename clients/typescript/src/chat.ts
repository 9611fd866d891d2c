import { isTemporary, RepowerError } from "./errors.js";
import type { Operation, Result, Schemas } from "./operations.js";
import type { Wait } from "./wait.js";

type Message = Schemas["Message"];

/** How a conversation is followed. */
export interface PollOptions {
  /** The `seq` of the last message that is known; 0, the default, begins with the first. */
  after?: number | undefined;
  /** How long to wait where nothing is new, in milliseconds; 3,000 unless said. */
  interval?: number | undefined;
  /** The longest wait after failures and by `Retry-After`, in milliseconds; 60,000 unless said. */
  maxInterval?: number | undefined;
  /** How many messages are fetched at once; 50 unless said, 200 at most. */
  limit?: number | undefined;
  /** Told of each failure after which the polling goes on: no network, 429, 502, 503, 504. */
  onInterruption?: ((error: RepowerError) => void) | undefined;
  /** Ends the polling. */
  signal?: AbortSignal | undefined;
}

/** Asks for the messages after one; with an ETag only for what differs from that answer. */
export type FetchMessages = (
  after: number,
  etag: string | null,
) => Promise<Result<Operation<"get", "/api/chat/threads/{id}/messages">>>;

/** What a poll has seen. */
interface Position {
  seq: number;
  /** The ETag of the last answer; null where `seq` has moved on since. */
  etag: string | null;
}

/** The messages that follow without a gap. */
interface Part {
  messages: Message[];
  /** Whether to ask again at once. */
  more: boolean;
  /** What is wrong with an answer that begins behind a gap. */
  gap: RepowerError | null;
}

const FIRST_PAUSE = 1_000;

/** Yields the messages after `after` in their order, each once, until the signal is aborted. */
export async function* poll(fetch: FetchMessages, wait: Wait, options: PollOptions): AsyncGenerator<Message, void, void> {
  const { after = 0, interval = 3_000, maxInterval = 60_000, signal } = options;
  const position: Position = { seq: after, etag: null };
  let failures = 0;
  let gaps = 0;
  while (!signal?.aborted) {
    const part = await ask(fetch, position).catch(failed(signal));
    if (part === null) return;
    let pause = interval;
    if (part instanceof RepowerError) {
      options.onInterruption?.(part);
      const asked = part.retryAfter === null ? Math.max(interval, FIRST_PAUSE) * 2 ** failures : part.retryAfter * 1000;
      pause = Math.min(Math.max(asked, interval), Math.max(maxInterval, interval));
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
}

/** One answer, as far as it follows what was seen. */
async function ask(fetch: FetchMessages, position: Position): Promise<Part> {
  const { data: answer, error, response } = await fetch(position.seq, position.etag);
  if (error) throw new RepowerError(error, { response });
  if (!answer) return { messages: [], more: false, gap: null };
  const unseen = answer.data.filter((message) => message.seq > position.seq);
  const messages = unseen.filter((message, index) => message.seq === position.seq + 1 + index);
  const cut = messages.length < unseen.length;
  const gap = cut && messages.length === 0 ? gapAfter(position.seq, response) : null;
  position.etag = unseen.length === 0 ? response.headers.get("ETag") : null;
  return { messages, more: messages.length > 0 && (cut || answer.meta.hasMore), gap };
}

/** What becomes of a failure: the end after an abort, a pause where it is temporary, and else it is thrown. */
function failed(signal: AbortSignal | undefined) {
  return (thrown: unknown): RepowerError | null => {
    if (signal?.aborted) return null;
    if (thrown instanceof RepowerError && isTemporary(thrown)) return thrown;
    throw thrown;
  };
}

function gapAfter(seq: number, response: Response): RepowerError {
  const message = `Message ${seq + 1} is missing in the answer.`;
  const details = { contentType: response.headers.get("Content-Type"), excerpt: "" };
  return new RepowerError({ success: false, code: "unexpected_answer", message, details }, { response });
}
