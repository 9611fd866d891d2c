import type { FetchOptions } from "openapi-fetch";
import type { components, paths } from "./schema.js";

/**
 * Allows `undefined` for optional fields, which are then omitted. Without it, `exactOptionalPropertyTypes` would require a
 * check of each field of a form.
 */
export type Lenient<T> = T extends string
  ? T
  : T extends readonly (infer U)[]
    ? Lenient<U>[]
    : T extends object
      ? { [K in keyof T]: {} extends Pick<T, K> ? Lenient<T[K]> | undefined : Lenient<T[K]> }
      : T;

/** The schemas of the document by name: `Schemas["Job"]`, `Schemas["PostJobBody"]`. */
export type Schemas = {
  [N in keyof components["schemas"]]: N extends `${string}Body` ? Lenient<components["schemas"][N]> : components["schemas"][N];
};

/** The methods of the document. */
export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths with a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object> ? P : never;
}[keyof paths];

/** The operation of a method and path in the document. */
export type Operation<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never;

/** The paths whose responses have an envelope: all except the document itself and pictures. */
export type EnvelopePath<M extends Method> = {
  [P in PathOf<M>]: Success<Operation<M, P>> extends { data: unknown } ? P : never;
}[PathOf<M>];

type Responses<O> = O extends { responses: infer R } ? R : never;
type Json<R> = R extends { content: { "application/json": infer B } } ? B : never;
type Picture<R> = R extends { content: { "image/svg+xml": infer B } } ? B : never;
type Successful<O> = Responses<O>[keyof Responses<O> & (200 | 201)];
type Parameters<O> = O extends { parameters: infer P } ? Lenient<P> : never;
/** The request options of an operation. */
export type Query<O> = Parameters<O> extends { query?: infer Q } ? NonNullable<Q> : never;

type Part<O, K> = Pick<Parameters<O>, K & keyof Parameters<O>>;

/** The body of a success response; of a picture, its text. */
export type Success<O> = Json<Successful<O>> | Picture<Successful<O>>;

/** The bodies of error responses, a union over `code`. */
export type Refusal<O> = Json<Responses<O>[Exclude<keyof Responses<O>, 200 | 201 | 304>]>;

/** The data in the envelope of a success response. */
export type Data<O> = Success<O> extends { data: infer D } ? D : never;

type BodyPart<O> = O extends { requestBody: { content: { "application/json": infer B } } }
  ? { body: Lenient<B> }
  : { body?: never };
type Header<O> = Parameters<O> extends { header?: infer H } ? NonNullable<H> : never;
type KeyPart<O> = [Header<O>] extends [{ "Idempotency-Key"?: string | undefined }]
  ? [Header<O>] extends [never]
    ? { idempotencyKey?: never }
    : { idempotencyKey?: string | undefined }
  : { idempotencyKey?: never };

/** The options of a single call. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** The number of repetitions, instead of the setting of the client. */
  retry?: number | undefined;
  /** The time limit of each request in milliseconds, instead of the setting of the client. */
  timeout?: number | undefined;
}

/** The arguments of a call: `path`, `query` and `body` as in the document. */
export type Options<O> = Part<O, "path" | "query"> & BodyPart<O> & KeyPart<O> & CallOptions;

/** The last argument of a function; optional if none of its fields is required. */
export type Optional<T> = {} extends T ? [options?: T] : [options: T];

/** Calls an operation; returns the data of the envelope, or throws a `RepowerError`. */
export type Call<M extends Method> = <P extends EnvelopePath<M>>(
  path: P,
  ...options: Optional<Options<Operation<M, P>>>
) => Promise<Data<Operation<M, P>>>;

/** A success response: its envelope, and what its head says. */
export interface Reply<O> {
  readonly data: Data<O>;
  /** The position in a list; undefined for what is no list. */
  readonly meta: Success<O> extends { meta: infer M } ? M : undefined;
  /** One sentence for users. */
  readonly message: string;
  readonly status: number;
  /** The id of the request in the log of the server; null if the response has none. */
  readonly requestId: string | null;
  /** All headers that the server exposes: `ETag`, `Retry-After`, `Idempotency-Replayed` … */
  readonly headers: Headers;
}

/** Calls an operation by its method and path; returns the whole response, or throws a `RepowerError`. */
export type FullCall = <M extends Method, P extends EnvelopePath<M>>(
  method: M,
  path: P,
  ...options: Optional<Options<Operation<M, P>>>
) => Promise<Reply<Operation<M, P>>>;

/** A response with its envelope: `data` or `error`, and neither for a 304. */
export type Result<O> =
  | { data: Success<O>; error?: never; response: Response }
  | { data?: never; error: Refusal<O>; response: Response }
  | (304 extends keyof Responses<O> ? { data?: never; error?: never; response: Response } : never);

/** The options of an operation for openapi-fetch. */
type Asked<O> = { [K in keyof O]: K extends "parameters" | "requestBody" ? Lenient<O[K]> : O[K] };

/** Calls an operation as openapi-fetch does; returns the whole envelope, including errors. */
export type RawCall<M extends Method> = <P extends PathOf<M>>(
  path: P,
  ...options: Optional<FetchOptions<Asked<Operation<M, P>>>>
) => Promise<Result<Operation<M, P>>>;
