import { createCalls, type Calls } from "./calls.js";
import { history, poll, type FetchMessages, type History, type HistoryOptions, type PollOptions } from "./chat.js";
import { RepowerError, type ApiError } from "./errors.js";
import type { Id } from "./ids.js";
import type { List, ListQuery } from "./lists.js";
import type { CallOptions, Data, Operation, PathOf, Schemas } from "./operations.js";
import type { Resumable } from "./resumable.js";
import { memoryTokens, type TokenStore } from "./tokens.js";
import { createTransport, type Send } from "./transport.js";
import { wait, type Wait } from "./wait.js";

export interface ClientSettings {
  /**
   * The URL of the API without `/api`: `https://api.example.com`. In a browser a path is allowed: `/` is the server of the
   * page. Any other value is a `TypeError`.
   */
  baseUrl: string;
  /** The storage of the token; in memory by default. */
  tokens?: TokenStore | undefined;
  /** Called when the server has rejected the stored token, after it was deleted. */
  onSignedOut?: (() => void) | undefined;
  /** The number of repetitions of a call that may be repeated; 2 by default. */
  retry?: number | undefined;
  /**
   * The time limit of each request in milliseconds, 30,000 by default; 0 is no limit. A request that exceeds it is a
   * `network_failure`.
   */
  timeout?: number | undefined;
  /** The function that sends requests, instead of the global `fetch`. It must observe the signal of the request. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** The function that waits, instead of the clock; for tests. */
  wait?: Wait | undefined;
}

type Posted<P extends PathOf<"post">> = Promise<Data<Operation<"post", P>>>;
type KeyedOptions = CallOptions & { idempotencyKey?: string | undefined };

/** A client of the API. Its functions do not use `this`, and can be destructured. */
export interface Client extends Calls {
  /** Registers a user and stores the token. */
  register(
    body: Schemas["RegisterTechnicianBody"] | Schemas["RegisterCompanyBody"],
    options?: KeyedOptions,
  ): Posted<"/api/auth/register">;
  /** Logs in and stores the token. */
  logIn(body: Schemas["LogInBody"], options?: CallOptions): Posted<"/api/auth/login">;
  /** Accepts an invitation to a company and stores the token. */
  acceptInvitation(
    body: Schemas["AcceptInvitationBody"],
    options?: KeyedOptions,
  ): Posted<"/api/auth/accept-invitation">;
  /** Changes the password and stores the new token; all earlier tokens are invalid. */
  changePassword(body: Schemas["ChangePasswordBody"], options?: CallOptions): Posted<"/api/users/me/password">;
  /**
   * Ends the session of the stored token, and deletes the token in any case. If the server does not respond, it throws a
   * `RepowerError`, and the session lasts until it expires or is ended from another one.
   */
  logOut(options?: CallOptions): Promise<void>;

  /** The open jobs, newest first. */
  jobs(query?: ListQuery<"/api/jobs">, options?: CallOptions): List<Schemas["ListedJob"]>;
  /** The technicians that a company may search. */
  technicians(query?: ListQuery<"/api/technicians">, options?: CallOptions): List<Schemas["RatedTechnician"]>;
  /** The messages of a thread as they arrive, each once, until the signal is aborted. */
  pollThread(threadId: Id<"ThreadId">, options?: PollOptions): Resumable<Schemas["Message"]>;
  /** The messages of a thread backwards: the newest first, older ones with each call of `next`. */
  threadHistory(threadId: Id<"ThreadId">, options?: HistoryOptions): Resumable<History>;
}

/** Creates a client of the API at `baseUrl`. */
export function createClient(settings: ClientSettings): Client {
  const { tokens = memoryTokens(), onSignedOut = () => {}, retry = 2, timeout = 30_000 } = settings;
  const baseUrl = absolute(settings.baseUrl);
  const pause = settings.wait ?? wait;
  const fetch = settings.fetch ?? ((request: Request) => globalThis.fetch(request));
  const transport = createTransport({ baseUrl, fetch, tokens, onSignedOut, wait: pause, retry, timeout });
  const calls = createCalls(baseUrl, transport);
  return {
    ...calls,
    register: (body, options) => calls.post("/api/auth/register", { ...options, body }),
    logIn: (body, options) => calls.post("/api/auth/login", { ...options, body }),
    acceptInvitation: (body, options) => calls.post("/api/auth/accept-invitation", { ...options, body }),
    changePassword: (body, options) => calls.post("/api/users/me/password", { ...options, body }),
    logOut: (options = {}) => logOut(calls, transport(options), tokens, options.signal),
    jobs: (query = {}, options) => calls.list("/api/jobs", { ...options, query }),
    technicians: (query = {}, options) => calls.list("/api/technicians", { ...options, query }),
    // The poll itself pauses after failures.
    pollThread: (id, options = {}) => poll(fetchMessages(calls, transport({ retry: 0 }), id, options), pause, options),
    threadHistory: (id, options = {}) => history(fetchHistory(calls, id, options), options),
  };
}

async function logOut(calls: Calls, fetch: Send, tokens: TokenStore, signal: AbortSignal | undefined): Promise<void> {
  const token = await tokens.get();
  if (token === null) return;
  // First, so that a failure leaves none.
  await tokens.clear();
  const headers = { Authorization: `Bearer ${token}` };
  const { error, response } = await calls.POST("/api/auth/logout", { headers, signal: signal ?? null, fetch });
  // An expired token has nothing to end.
  if (error && error.code !== "unauthenticated") throw new RepowerError(error as ApiError, { response });
}

function fetchMessages(calls: Calls, fetch: Send, id: string, { limit, signal }: PollOptions): FetchMessages {
  return (after, etag) =>
    calls.GET("/api/chat/threads/{id}/messages", {
      params: {
        path: { id },
        query: limit === undefined ? { after } : { after, limit },
        header: etag === null ? {} : { "If-None-Match": etag },
      },
      signal: signal ?? null,
      fetch,
    });
}

function fetchHistory(calls: Calls, id: string, { limit, signal }: HistoryOptions) {
  return (before: number | undefined) =>
    calls.request("get", "/api/chat/threads/{id}/messages", { path: { id }, query: { before, limit }, signal });
}

/** Creates an idempotency key: a request that is repeated with the same key is executed once. */
export function newIdempotencyKey(): string {
  // Pages without TLS have no randomUUID.
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The absolute URL without a slash at its end. */
function absolute(baseUrl: string): string {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  const isPath = page !== undefined && String(baseUrl).startsWith("/");
  const url = isPath || /^https?:\/\//i.test(baseUrl) ? parse(baseUrl, page) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || `${url.username}${url.password}${url.search}${url.hash}` !== "") {
    const got = typeof baseUrl === "string" ? JSON.stringify(baseUrl) : String(baseUrl);
    throw new TypeError(`The baseUrl must be such as "https://api.example.com", or a path in a browser; it is ${got}.`);
  }
  return url.href.replace(/\/+$/, "");
}

function parse(address: string, base: string | undefined): URL | null {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}
