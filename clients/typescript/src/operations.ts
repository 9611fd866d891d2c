import type { FetchOptions } from "openapi-fetch";
import type { components, paths } from "./schema.js";

/**
 * Whatever may be left out may be undefined too, as it is left out then. Without this, `exactOptionalPropertyTypes` would
 * have every field of a form asked for before it is handed over.
 */
export type Lenient<T> = T extends readonly (infer U)[]
  ? Lenient<U>[]
  : T extends object
    ? { [K in keyof T]: {} extends Pick<T, K> ? Lenient<T[K]> | undefined : Lenient<T[K]> }
    : T;

/** The things of the document by name: `Schemas["Job"]`, `Schemas["PostJobBody"]`. */
export type Schemas = {
  [N in keyof components["schemas"]]: N extends `${string}Body` ? Lenient<components["schemas"][N]> : components["schemas"][N];
};

/** The methods that the document uses. */
export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths that take a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object> ? P : never;
}[keyof paths];

/** What the document says of a method of a path. */
export type Operation<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never;

/** The paths that answer a method with an envelope: all but the document itself. */
export type EnvelopePath<M extends Method> = {
  [P in PathOf<M>]: Success<Operation<M, P>> extends { data: unknown } ? P : never;
}[PathOf<M>];

type Responses<O> = O extends { responses: infer R } ? R : never;
type Json<R> = R extends { content: { "application/json": infer B } } ? B : never;
type Parameters<O> = O extends { parameters: infer P } ? Lenient<P> : never;
/** What a path can be asked for. */
export type Query<O> = Parameters<O> extends { query?: infer Q } ? NonNullable<Q> : never;

type Part<O, K> = Pick<Parameters<O>, K & keyof Parameters<O>>;

/** The body of an answer that says yes. */
export type Success<O> = Json<Responses<O>[keyof Responses<O> & (200 | 201)]>;

/** The bodies of the answers that say no, told apart by `code`. */
export type Refusal<O> = Json<Responses<O>[Exclude<keyof Responses<O>, 200 | 201 | 304>]>;

/** What is in the envelope of an answer that says yes. */
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

/** What holds for one call only. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How often the call is repeated, in place of the client's setting. */
  retry?: number | undefined;
}

/** What a call takes: `path`, `query` and `body` as the document has them. */
export type Options<O> = Part<O, "path" | "query"> & BodyPart<O> & KeyPart<O> & CallOptions;

/** The last argument of a function, left out where nothing in it is required. */
export type Optional<T> = {} extends T ? [options?: T] : [options: T];

/** Calls an operation; answers what is in the envelope, or throws a `RepowerError`. */
export type Call<M extends Method> = <P extends EnvelopePath<M>>(
  path: P,
  ...options: Optional<Options<Operation<M, P>>>
) => Promise<Data<Operation<M, P>>>;

/** An answer with its envelope: `data` or `error`, and neither for a 304. */
export type Result<O> =
  | { data: Success<O>; error?: never; response: Response }
  | { data?: never; error: Refusal<O>; response: Response }
  | (304 extends keyof Responses<O> ? { data?: never; error?: never; response: Response } : never);

/** An operation as openapi-fetch is told of it. */
type Asked<O> = { [K in keyof O]: K extends "parameters" | "requestBody" ? Lenient<O[K]> : O[K] };

/** Calls an operation the way of openapi-fetch; answers the whole envelope, errors included. */
export type RawCall<M extends Method> = <P extends PathOf<M>>(
  path: P,
  ...options: Optional<FetchOptions<Asked<Operation<M, P>>>>
) => Promise<Result<Operation<M, P>>>;
