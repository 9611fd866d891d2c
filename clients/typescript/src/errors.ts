import type { Schemas } from "./operations.js";

/** Every error that the API answers, told apart by `code`. */
export type ApiError = Schemas["Error"];

/** No answer came: no network, no server, or the connection broke off. */
export interface NetworkFailure {
  readonly success: false;
  readonly code: "network_failure";
  readonly message: string;
  readonly details: null;
}

/** An answer came that is not the API's, such as a proxy's page. */
export interface UnexpectedAnswer {
  readonly success: false;
  readonly code: "unexpected_answer";
  readonly message: string;
  readonly details: {
    readonly contentType: string | null;
    /** How the body begins. */
    readonly excerpt: string;
  };
}

/** What keeps the API's answer from arriving. */
export type TransportError = NetworkFailure | UnexpectedAnswer;

/** Everything that can go wrong with a call, told apart by `code`. */
export type Failure = ApiError | TransportError;

/** What is known of the answer beside its body. */
export interface ErrorContext {
  readonly response?: Response;
  readonly cause?: unknown;
}

/** A call that failed. The guards {@link isApiError} and {@link isTransportError} narrow it by `code`. */
export class RepowerError<E extends Failure = Failure> extends Error {
  override readonly name = "RepowerError";
  /** The error as it was answered. */
  readonly error: E;
  /** What went wrong, for programs. */
  readonly code: E["code"];
  /** What the code says more: an array of field errors for `validation_failed`. */
  readonly details: E["details"];
  /** The status of the answer; null where none came. */
  readonly status: number | null;
  /** By which the request is found in the server's log; null where the answer names none. */
  readonly requestId: string | null;
  /** When to try again, in seconds; null where the answer does not say. */
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
 * Whether this is an error that the API answered; with codes: one of these.
 *
 * A server newer than this client may answer codes that are not in the union.
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

/** Whether the API's answer did not arrive. */
export function isTransportError(thrown: unknown): thrown is Each<TransportError> {
  return thrown instanceof RepowerError && TRANSPORT.includes(thrown.code);
}

/** Whether the same call may work a little later: no network, or 429, 502, 503, 504. */
export function isTemporary(thrown: unknown): boolean {
  if (!(thrown instanceof RepowerError)) return false;
  return thrown.code === "network_failure" || [429, 502, 503, 504].includes(thrown.status ?? 0);
}

/** The wrong fields of a form by name, `""` for the body as a whole; empty where the error is another one. */
export function fieldErrors(thrown: unknown): Record<string, Schemas["FieldError"][]> {
  // Without a prototype, no name of a field means anything else.
  const fields: Record<string, Schemas["FieldError"][]> = Object.create(null);
  if (isApiError(thrown, "validation_failed")) {
    for (const error of thrown.details) (fields[error.field] ??= []).push(error);
  }
  return fields;
}

/** The seconds of `Retry-After`, which may be a date; null where there is none. */
function retryAfter(headers: Headers): number | null {
  const value = headers.get("Retry-After");
  if (value === null) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, Math.ceil(seconds));
}
