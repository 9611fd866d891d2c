import type { Schemas } from "./operations.js";

/** The error responses of the API, a union over `code`. */
export type ApiError = Schemas["ApiError"];

/** No response arrived: no network, no server, or an interrupted connection. */
export interface NetworkFailure {
  readonly success: false;
  readonly code: "network_failure";
  readonly message: string;
  readonly details: null;
}

/** The response is not of the API, but for example a page of a proxy. */
export interface UnexpectedAnswer {
  readonly success: false;
  readonly code: "unexpected_answer";
  readonly message: string;
  readonly details: {
    readonly contentType: string | null;
    /** The start of the body. */
    readonly excerpt: string;
  };
}

/** The errors without a response of the API. */
export type TransportError = NetworkFailure | UnexpectedAnswer;

/** The errors of a call, a union over `code`. */
export type Failure = ApiError | TransportError;

/** The data about a response beside its body. */
export interface ErrorContext {
  readonly response?: Response;
  readonly cause?: unknown;
}

/** A call that failed. The guards {@link isApiError} and {@link isTransportError} narrow it by `code`. */
export class RepowerError<E extends Failure = Failure> extends Error {
  override readonly name = "RepowerError";
  /** The error as the server returned it. */
  readonly error: E;
  /** The code, for programs. */
  readonly code: E["code"];
  /** The details of the code: an array of field errors for `validation_failed`. */
  readonly details: E["details"];
  /** The status of the response; null without a response. */
  readonly status: number | null;
  /** The id of the request in the log of the server; null if the response has none. */
  readonly requestId: string | null;
  /** The seconds of `Retry-After`; null if the response has none. */
  readonly retryAfter: number | null;

  constructor(error: E, context: ErrorContext = {}) {
    super(error.message, "cause" in context ? { cause: context.cause } : undefined);
    this.error = error;
    this.code = error.code;
    this.details = error.details;
    this.status = context.response?.status ?? null;
    this.requestId = context.response?.headers.get("X-Request-Id") ?? null;
    this.retryAfter = context.response ? retryAfter(context.response.headers) : null;
  }
}

/** One error class for each member of the union, so that `switch (e.code)` narrows `e.details`. */
type Each<E extends Failure> = E extends Failure ? RepowerError<E> : never;

const TRANSPORT: readonly string[] = ["network_failure", "unexpected_answer"] satisfies TransportError["code"][];

/**
 * Whether this is an error response of the API; with codes: one of these.
 *
 * A server newer than this client may return codes that are not in the union.
 */
export function isApiError(thrown: unknown): thrown is Each<ApiError>;
export function isApiError<C extends ApiError["code"]>(
  thrown: unknown,
  ...codes: readonly C[]
): thrown is Each<Extract<ApiError, { code: C }>>;
export function isApiError(thrown: unknown, ...codes: readonly string[]): boolean {
  if (!(thrown instanceof RepowerError) || TRANSPORT.includes(thrown.code)) return false;
  return codes.length === 0 || codes.includes(thrown.code);
}

/** Whether no response of the API arrived. */
export function isTransportError(thrown: unknown): thrown is Each<TransportError> {
  return thrown instanceof RepowerError && TRANSPORT.includes(thrown.code);
}

/** Whether the same call may succeed later: no network, or 429, 502, 503, 504. */
export function isTemporary(thrown: unknown): boolean {
  if (!(thrown instanceof RepowerError)) return false;
  return thrown.code === "network_failure" || [429, 502, 503, 504].includes(thrown.status ?? 0);
}

/** The errors of fields by name, `""` for the body as a whole; empty for any other error. */
export function fieldErrors(thrown: unknown): Record<string, Schemas["FieldError"][]> {
  // Without a prototype, no name of a field has another meaning.
  const fields: Record<string, Schemas["FieldError"][]> = Object.create(null);
  if (isApiError(thrown, "validation_failed")) {
    for (const error of thrown.details) (fields[error.field] ??= []).push(error);
  }
  return fields;
}

/** The seconds of `Retry-After`, which may be a date; null without the header. */
function retryAfter(headers: Headers): number | null {
  const value = headers.get("Retry-After");
  if (value === null) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, Math.ceil(seconds));
}
