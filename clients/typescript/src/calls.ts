import createRawClient from "openapi-fetch";
import { RepowerError, type ApiError } from "./errors.js";
import { createList, type List, type ListOptions, type ListPath, type Page, type Row } from "./lists.js";
import { checkNumbers } from "./numbers.js";
import type { Call, CallOptions, FullCall, Method, Optional, RawCall } from "./operations.js";
import type { paths } from "./schema.js";
import type { Limits, Send } from "./transport.js";

/** The functions that call the operations of the document. */
export interface Calls {
  /**
   * Calls an operation and returns the data of the envelope. Throws a `RepowerError`. For an invalid path parameter, and for
   * a number that JSON does not have, it throws a `TypeError` and sends nothing.
   */
  get: Call<"get">;
  post: Call<"post">;
  put: Call<"put">;
  patch: Call<"patch">;
  delete: Call<"delete">;

  /** Calls an operation as the functions above, and returns its data with `meta`, status and headers. */
  request: FullCall;

  /** Calls an operation as openapi-fetch does: returns `{data, error, response}` with whole envelopes. */
  GET: RawCall<"get">;
  POST: RawCall<"post">;
  PUT: RawCall<"put">;
  PATCH: RawCall<"patch">;
  DELETE: RawCall<"delete">;

  /** A list from its first row to its last: `for await (const row of client.list(path))`. */
  list<P extends ListPath>(path: P, ...options: Optional<ListOptions<P>>): List<Row<P>>;
}

// The common type of all operations. `Calls` has the types of each.
interface AnyOptions extends CallOptions {
  path?: object;
  query?: object;
  body?: unknown;
  idempotencyKey?: string | undefined;
}
type Envelope = Page<unknown> & { readonly message: string };
type AnyResult = { data?: Envelope; error?: ApiError; response: Response };
type AnyRawCall = (path: string, init?: { params?: { path?: object; query?: unknown }; body?: unknown }) => Promise<AnyResult>;
type AnyRequest = (method: Method, path: string, init: object) => Promise<AnyResult>;

/** Creates the functions that call operations. */
export function createCalls(baseUrl: string, transport: (limits?: Limits) => Send): Calls {
  // A redirect could send the token to another server.
  const raw = createRawClient<paths>({ baseUrl, fetch: transport(), redirect: "error" });
  const request = raw.request as AnyRequest;

  async function exchange(method: Method, path: string, options: AnyOptions = {}) {
    checkPath(path, options.path);
    checkNumbers(path, options.query, options.body);
    const { data, error, response } = await request(method, path, {
      params: {
        path: options.path,
        query: options.query,
        header: { "Idempotency-Key": options.idempotencyKey },
      },
      body: options.body,
      signal: options.signal,
      fetch: transport(options),
    });
    if (data === undefined) throw new RepowerError(error as ApiError, { response });
    return { envelope: data, response };
  }

  function call(method: Method) {
    return async (path: string, options?: AnyOptions) => (await exchange(method, path, options)).envelope.data;
  }

  async function full(method: Method, path: string, options?: AnyOptions) {
    const { envelope, response } = await exchange(method, path, options);
    const { data, meta, message } = envelope;
    const { status, headers } = response;
    return { data, meta, message, status, requestId: headers.get("X-Request-Id"), headers };
  }

  function list(path: string, options: AnyOptions = {}): List<unknown> {
    const from = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });
    const page = async (cursor: string | undefined) =>
      (await exchange("get", path, { ...options, query: { ...options.query, ...from(cursor) } })).envelope;
    return createList(page, options.signal);
  }

  function rawCall(send: unknown): AnyRawCall {
    return async (path, init) => {
      checkPath(path, init?.params?.path);
      checkNumbers(path, init?.params?.query, init?.body);
      return (send as AnyRawCall)(path, init);
    };
  }

  const calls = {
    get: call("get"),
    post: call("post"),
    put: call("put"),
    patch: call("patch"),
    delete: call("delete"),
    request: full,
    GET: rawCall(raw.GET),
    POST: rawCall(raw.POST),
    PUT: rawCall(raw.PUT),
    PATCH: rawCall(raw.PATCH),
    DELETE: rawCall(raw.DELETE),
    list,
  };
  return calls as unknown as Calls;
}

/** Rejects a parameter that would change the path: `/api/jobs/{id}` with `""` is the list of all jobs. */
function checkPath(path: string, values: object | undefined): void {
  const given = new Map<string, unknown>(Object.entries(values ?? {}));
  for (const [, name = ""] of path.matchAll(/\{(\w+)\}/g)) {
    const value = given.get(name);
    if (typeof value === "string" && !["", ".", ".."].includes(value)) continue;
    const got = typeof value === "string" ? JSON.stringify(value) : String(value);
    throw new TypeError(`The path parameter "${name}" of ${path} must be an id; it is ${got}.`);
  }
}
