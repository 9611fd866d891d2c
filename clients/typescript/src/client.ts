import { createCalls, type Calls } from "./calls.js";
import { poll, type FetchMessages, type PollOptions } from "./chat.js";
import type { List, ListQuery } from "./lists.js";
import type { CallOptions, Data, Operation, PathOf, Schemas } from "./operations.js";
import { memoryTokens, type TokenStore } from "./tokens.js";
import { createTransport, type Send } from "./transport.js";
import { wait, type Wait } from "./wait.js";

export interface ClientSettings {
  /**
   * Where the API is, without the `/api` with which its paths begin: `https://api.example.com`. In a browser a path will do:
   * `/` is the server that the page came from. Anything else is a `TypeError`.
   */
  baseUrl: string;
  /** Where the token is kept; in memory unless said. */
  tokens?: TokenStore | undefined;
  /** Called when the server no longer takes the token that was kept; it is forgotten by then. */
  onSignedOut?: (() => void) | undefined;
  /** How often a call is repeated that may be repeated; 2 unless said. */
  retry?: number | undefined;
  /** Sends the requests in place of the global `fetch`. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Waits in place of the clock, for tests. */
  wait?: Wait | undefined;
}

type Posted<P extends PathOf<"post">> = Promise<Data<Operation<"post", P>>>;
type KeyedOptions = CallOptions & { idempotencyKey?: string | undefined };

/** A client of the API. Nothing in it needs `this`: its functions can be taken out. */
export interface Client extends Calls {
  /** Registers and keeps the token. */
  register(
    body: Schemas["RegisterTechnicianBody"] | Schemas["RegisterCompanyBody"],
    options?: KeyedOptions,
  ): Posted<"/api/auth/register">;
  /** Signs in and keeps the token. */
  logIn(body: Schemas["LogInBody"], options?: CallOptions): Posted<"/api/auth/login">;
  /** Joins a company by an invitation and keeps the token. */
  acceptInvitation(
    body: Schemas["AcceptInvitationBody"],
    options?: KeyedOptions,
  ): Posted<"/api/auth/accept-invitation">;
  /** Changes the password and keeps the new token; every earlier one is void. */
  changePassword(body: Schemas["ChangePasswordBody"], options?: CallOptions): Posted<"/api/users/me/password">;
  /** Forgets the token. The server is not asked: the token itself holds until it expires. */
  logOut(): Promise<void>;

  /** The open jobs, newest first. */
  jobs(query?: ListQuery<"/api/jobs">, options?: CallOptions): List<Schemas["Job"]>;
  /** The technicians that a company finds. */
  technicians(query?: ListQuery<"/api/technicians">, options?: CallOptions): List<Schemas["RatedTechnician"]>;
  /** The messages of a thread as they come, each once, until the signal is aborted. */
  pollThread(threadId: string, options?: PollOptions): AsyncIterableIterator<Schemas["Message"]>;
}

/** Makes a client of the API at `baseUrl`. */
export function createClient(settings: ClientSettings): Client {
  const { tokens = memoryTokens(), onSignedOut = () => {}, retry = 2 } = settings;
  const baseUrl = absolute(settings.baseUrl);
  const pause = settings.wait ?? wait;
  const fetch = settings.fetch ?? ((request: Request) => globalThis.fetch(request));
  const transport = createTransport({ baseUrl, fetch, tokens, onSignedOut, wait: pause });
  const calls = createCalls(baseUrl, transport, retry);
  return {
    ...calls,
    register: (body, options) => calls.post("/api/auth/register", { ...options, body }),
    logIn: (body, options) => calls.post("/api/auth/login", { ...options, body }),
    acceptInvitation: (body, options) => calls.post("/api/auth/accept-invitation", { ...options, body }),
    changePassword: (body, options) => calls.post("/api/users/me/password", { ...options, body }),
    logOut: async () => tokens.clear(),
    jobs: (query = {}, options) => calls.list("/api/jobs", { ...options, query }),
    technicians: (query = {}, options) => calls.list("/api/technicians", { ...options, query }),
    // The poll has pauses of its own after failures.
    pollThread: (id, options = {}) => poll(fetchMessages(calls, transport(0), id, options), pause, options),
  };
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

/** A key for one act: sent again with the same key, it is done once. */
export function newIdempotencyKey(): string {
  // randomUUID is missing in pages that came without TLS.
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The address in full and without a slash at its end. */
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
