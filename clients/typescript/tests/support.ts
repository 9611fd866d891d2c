import assert from "node:assert/strict";
import { createClient, RepowerError, type Client, type ClientSettings, type Schemas } from "@repower/client";

/** The responses of a stub server, in order; a further request fails the test. */
export type Reply = Response | Error | ((request: Request) => Response | Promise<Response>);

export interface Stub {
  client: Client;
  /** The requests in order. */
  requests: Request[];
  /** The requested pauses in milliseconds. */
  pauses: number[];
}

export const BASE = "http://api.test";

/** A client with these responses, whose pauses take no time. */
export function stub(replies: Reply[], settings: Partial<ClientSettings> = {}): Stub {
  const requests: Request[] = [];
  const pauses: number[] = [];
  const fetch = async (request: Request) => {
    requests.push(request.clone());
    const reply = replies.shift();
    assert.ok(reply, `no response to request ${requests.length}: ${request.method} ${request.url}`);
    if (reply instanceof Error) throw reply;
    return typeof reply === "function" ? reply(request) : reply;
  };
  const wait = async (milliseconds: number, signal: AbortSignal | undefined) => {
    signal?.throwIfAborted();
    pauses.push(milliseconds);
    assert.ok(pauses.length < 20, "it waits forever");
  };
  return { client: createClient({ baseUrl: BASE, fetch, wait, ...settings }), requests, pauses };
}

export function ok(data: unknown, meta?: unknown, headers: Record<string, string> = {}): Response {
  return Response.json({ success: true, message: "Done", data, ...(meta === undefined ? {} : { meta }) }, { headers });
}

export function rejected(status: number, code: string, headers: Record<string, string> = {}, details: unknown = null): Response {
  return Response.json({ success: false, code, message: "No", details }, { status, headers });
}

export function html(status: number, headers: Record<string, string> = {}): Response {
  return new Response("<h1>Bad Gateway</h1>", { status, headers: { "Content-Type": "text/html", ...headers } });
}

export const offline = () => new TypeError("fetch failed");

/** The `RepowerError` of a call that must fail with this code. */
export async function failure(call: Promise<unknown>, code: string): Promise<RepowerError> {
  const thrown = await call.then(
    () => assert.fail("the call should have failed"),
    (error: unknown) => error,
  );
  if (!(thrown instanceof RepowerError)) throw thrown;
  assert.equal(thrown.code, code);
  return thrown;
}

/** The rows of a list or of a poll, up to a count. */
export async function take<T>(rows: AsyncIterable<T>, count = Infinity): Promise<T[]> {
  const taken: T[] = [];
  if (count === 0) return taken;
  for await (const row of rows) {
    taken.push(row);
    if (taken.length === count) break;
  }
  return taken;
}

export function message(seq: number): Schemas["Message"] {
  return {
    id: `message-${seq}`,
    threadId: "thread",
    seq,
    senderType: "COMPANY",
    senderUserId: "user",
    senderName: "Bo Lind",
    text: `text ${seq}`,
    clientMessageId: null,
    createdAt: "2026-11-22T06:43:00.123Z",
  };
}
