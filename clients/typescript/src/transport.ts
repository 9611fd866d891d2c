import { isTemporary, RepowerError, type ApiError, type Failure } from "./errors.js";
import { fetchWithin } from "./limited.js";
import type { PathOf, Schemas } from "./operations.js";
import type { TokenStore } from "./tokens.js";
import type { Wait } from "./wait.js";

/** Sends a request; returns a response of the API, or throws a `RepowerError`. */
export type Send = (request: Request) => Promise<Response>;

export interface TransportSettings {
  /** The absolute URL of the API without a slash at its end. */
  readonly baseUrl: string;
  readonly fetch: Send;
  readonly tokens: TokenStore;
  readonly onSignedOut: () => void;
  readonly wait: Wait;
  /** The default limits of a call. */
  readonly retry: number;
  readonly timeout: number;
}

/** The limits of a call that differ from the settings. */
export interface Limits {
  /** The number of repetitions. */
  retry?: number | undefined;
  /** The time limit of each request in milliseconds. */
  timeout?: number | undefined;
}

/** The operations whose responses have a token. */
const SIGNING_IN: readonly string[] = [
  "/api/auth/register",
  "/api/auth/login",
  "/api/auth/accept-invitation",
  "/api/users/me/password",
] satisfies PathOf<"post">[];

/** The path of an operation that has the same effect again. */
const LOGOUT = "/api/auth/logout" satisfies PathOf<"post">;

/** The paths whose responses have no envelope, beside those of pictures. */
const BARE: readonly string[] = ["/api/openapi.json"] satisfies PathOf<"get">[];

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
const EXCERPT = 200;

/** Creates the function that sends requests: `transport({ retry: 2 })` repeats them twice if that is safe. */
export function createTransport(settings: TransportSettings): (limits?: Limits) => Send {
  const signOut = signingOut(settings);
  return ({ retry = settings.retry, timeout = settings.timeout } = {}) => async (request) => {
    const sendOnce = (request: Request) => exchange(settings, signOut, timeout, request);
    for (let failures = 0; ; failures += 1) {
      const last = failures >= retry;
      const attempt = sendOnce(last ? request : request.clone());
      if (last) return attempt;
      const failure = await attempt.then(refusal, asFailure);
      const pause = failure && pauseAfter(request, failure, failures);
      if (pause === null) return attempt;
      await settings.wait(pause, request.signal);
    }
  };
}

/** Sends one request, and updates the stored token by the response. */
async function exchange(settings: TransportSettings, signOut: SignOut, timeout: number, request: Request): Promise<Response> {
  const { baseUrl, tokens } = settings;
  // A request with other credentials, or to another server, does not use the stored token.
  const ours = request.url.startsWith(`${baseUrl}/`) && !request.headers.has("Authorization");
  const token = ours ? await tokens.get() : null;
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);

  const path = new URL(request.url).pathname.slice(new URL(baseUrl).pathname.replace(/\/$/, "").length);
  const { response, body } = await receive(settings.fetch, timeout, request, path);
  if (ours && response.ok && request.method === "POST" && SIGNING_IN.includes(path)) {
    await tokens.set((body as { data: Schemas["Token"] }).data.token);
  }
  if (token !== null && isUnauthenticated(body)) await signOut(token);
  return response;
}

/** Deletes a rejected token. */
type SignOut = (token: string) => Promise<void>;

/** After concurrent rejections only the first deletes the token and calls back; a newer token stays. */
function signingOut({ tokens, onSignedOut }: TransportSettings): SignOut {
  let before: Promise<void> = Promise.resolve();
  const forget = async (token: string) => {
    if ((await tokens.get()) !== token) return;
    await tokens.clear();
    onSignedOut();
  };
  return (token) => {
    const now = before.then(() => forget(token));
    before = now.catch(() => {});
    return now;
  };
}

/** Fetches, and rejects a response that is not of the API. */
async function receive(
  fetch: Send,
  timeout: number,
  request: Request,
  path: string,
): Promise<{ response: Response; body: unknown }> {
  const { response, text } = await fetchWithin(timeout, fetch, request);
  const headers = new Headers(response.headers);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  const { status, statusText } = response;
  if (status === 304 && request.headers.has("If-None-Match")) {
    // By this header openapi-fetch detects an empty body.
    headers.set("Content-Length", "0");
    return { response: new Response(null, { status, statusText, headers }), body: null };
  }
  const body = parse(text);
  if (!(response.ok ? isSuccess(path, headers, body) : isEnvelope(body, false))) throw unexpectedAnswer(response, text);
  return { response: new Response(text, { status, statusText, headers }), body };
}

/** The pause before the request is repeated, in milliseconds; null if it must not be repeated. */
function pauseAfter(request: Request, failure: RepowerError, failures: number): number | null {
  const keyed = request.method === "POST" && request.headers.has("Idempotency-Key");
  const isLogout = request.method === "POST" && new URL(request.url).pathname.endsWith(LOGOUT);
  if (request.method !== "GET" && !keyed && !isLogout) return null;
  // The first request with the same key is still in progress.
  const underWay = keyed && failure.code === "conflict" && failure.retryAfter !== null;
  if (!isTemporary(failure) && !underWay) return null;
  const pause = failure.retryAfter === null ? FIRST_PAUSE * 2 ** failures : failure.retryAfter * 1000;
  return pause <= LONGEST_PAUSE ? pause : null;
}

async function refusal(response: Response): Promise<RepowerError | null> {
  if (response.ok || response.status === 304) return null;
  return new RepowerError((await response.clone().json()) as ApiError, { response });
}

function asFailure(thrown: unknown): RepowerError | null {
  return thrown instanceof RepowerError ? thrown : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a success response of a path is one of the API. */
function isSuccess(path: string, headers: Headers, body: unknown): boolean {
  if (path.endsWith(".svg")) return headers.get("Content-Type") === "image/svg+xml";
  return BARE.includes(path) ? body !== undefined : isEnvelope(body, true);
}

function isEnvelope(body: unknown, ok: boolean): boolean {
  if (typeof body !== "object" || body === null) return false;
  const { success, code, message } = body as Record<string, unknown>;
  if (ok) return success === true && "data" in body;
  return success === false && typeof code === "string" && typeof message === "string";
}

function isUnauthenticated(body: unknown): boolean {
  return (body as Partial<Failure> | null)?.code === "unauthenticated";
}

function unexpectedAnswer(response: Response, text: string): RepowerError {
  const message = `The response is not of the API (status ${response.status}).`;
  const details = { contentType: response.headers.get("Content-Type"), excerpt: text.slice(0, EXCERPT) };
  return new RepowerError({ success: false, code: "unexpected_answer", message, details }, { response });
}
