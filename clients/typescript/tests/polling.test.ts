import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, html, message, offline, ok, rejected, stub, take } from "./support.js";

const page = (seqs: number[], more: { hasMore?: boolean; etag?: string } = {}) =>
  ok(seqs.map(message), { limit: 50, lastSeq: 9, hasMore: more.hasMore ?? false }, more.etag ? { ETag: more.etag } : {});
const unchanged = () => new Response(null, { status: 304 });
const seqs = (rows: { seq: number }[]) => rows.map((row) => row.seq);
const sent = (request: Request) => `${new URL(request.url).search} ${request.headers.get("If-None-Match") ?? ""}`.trim();

test("messages arrive in order, each once, from the first", async () => {
  const { client, requests, pauses } = stub([page([1, 2]), page([]), page([3])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 3)), [1, 2, 3]);
  assert.deepEqual(requests.map(sent), ["?after=0", "?after=2", "?after=2"]);
  assert.deepEqual(pauses, [3000, 3000]);
});

test("polling starts after a known message", async () => {
  const { client, requests, pauses } = stub([page([]), page([8])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread", { after: 7, interval: 1000, limit: 200 }), 1)), [8]);
  assert.deepEqual(requests.map(sent), ["?after=7&limit=200", "?after=7&limit=200"]);
  assert.deepEqual(pauses, [1000]);
});

test("a known response is requested by its ETag, and a 304 has no new messages", async () => {
  const replies = [page([1], { etag: '"a"' }), page([], { etag: '"b"' }), unchanged(), unchanged(), page([2])];
  const { client, requests } = stub(replies);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 2)), [1, 2]);
  assert.deepEqual(requests.map(sent), ["?after=0", "?after=1", '?after=1 "b"', '?after=1 "b"', '?after=1 "b"']);
});

test("there is no pause while more messages follow", async () => {
  const { client, pauses } = stub([page([1, 2], { hasMore: true }), page([3, 4], { hasMore: true }), page([5])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 5)), [1, 2, 3, 4, 5]);
  assert.deepEqual(pauses, []);
});

test("a known message is not returned again", async () => {
  const { client } = stub([page([1, 2]), page([1, 2, 3]), page([4])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 4)), [1, 2, 3, 4]);
});

test("at a gap the request is repeated", async () => {
  const { client, requests } = stub([page([1, 2, 4]), page([4], { etag: '"a"' }), page([3, 4])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 4)), [1, 2, 3, 4]);
  assert.deepEqual(requests.map(sent), ["?after=0", "?after=2", "?after=2"]);
});

test("a gap that stays is an error", async () => {
  const { client } = stub([page([2]), page([2])]);
  const error = await failure(take(client.pollThread("thread")), "unexpected_answer");
  assert.match(error.message, /Message 1 is missing/);
});

test("the pause is that of Retry-After, up to maxInterval", async () => {
  const replies = [
    rejected(429, "too_many_requests", { "Retry-After": "7" }),
    rejected(503, "overloaded", { "Retry-After": "1" }),
    rejected(503, "database_unavailable", { "Retry-After": "3600" }),
    page([1]),
  ];
  const { client, pauses } = stub(replies);
  assert.deepEqual(seqs(await take(client.pollThread("thread", { maxInterval: 30_000 }), 1)), [1]);
  assert.deepEqual(pauses, [7000, 3000, 30_000]);
});

test("without a network it waits longer each time, calls onInterruption, and continues", async () => {
  const interruptions: string[] = [];
  const replies = [offline(), html(502), offline(), offline(), page([1]), offline(), page([2])];
  const { client, pauses } = stub(replies);
  const messages = client.pollThread("thread", {
    interval: 2000,
    maxInterval: 10_000,
    onInterruption: (error) => interruptions.push(error.code),
  });
  assert.deepEqual(seqs(await take(messages, 2)), [1, 2]);
  assert.deepEqual(pauses, [2000, 4000, 8000, 10_000, 2000, 2000]);
  assert.equal(interruptions.join(" "), "network_failure unexpected_answer network_failure network_failure network_failure");
});

test("after a failure an interval of 0 is not used", async () => {
  const { client, pauses } = stub([offline(), offline(), page([1])]);
  await take(client.pollThread("thread", { interval: 0 }), 1);
  assert.deepEqual(pauses, [1000, 2000]);
});

test("a permanent error is thrown", async () => {
  for (const [status, code] of [[401, "unauthenticated"], [404, "not_found"], [403, "forbidden"], [500, "internal"]] as const) {
    const { client } = stub([page([1]), rejected(status, code)]);
    const seen: number[] = [];
    const polling = (async () => {
      for await (const { seq } of client.pollThread("thread")) seen.push(seq);
    })();
    await failure(polling, code);
    assert.deepEqual(seen, [1]);
  }
});

test("after an error the next call continues at the same message", async () => {
  const { client, requests } = stub([page([1]), rejected(403, "forbidden"), page([2])]);
  const messages = client.pollThread("thread");
  assert.equal((await messages.next()).value?.seq, 1);
  await failure(messages.next(), "forbidden");
  assert.equal((await messages.next()).value?.seq, 2);
  assert.deepEqual(requests.map(sent), ["?after=0", "?after=1", "?after=1"]);
});

test("in a browser the ETag is left to its cache", async (context) => {
  const scope = globalThis as { document?: unknown };
  scope.document = {};
  context.after(() => delete scope.document);
  // The cache turns a 304 into the response that it has.
  const { client, requests } = stub([page([1]), page([], { etag: '"b"' }), page([], { etag: '"b"' }), page([2])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 2)), [1, 2]);
  assert.deepEqual(requests.map(sent), ["?after=0", "?after=1", "?after=1", "?after=1"]);
  assert.deepEqual(requests.map((request) => request.cache), Array(4).fill("default"));
});

test("an abort ends it without an error: before the first request", async () => {
  const { client, requests } = stub([]);
  assert.deepEqual(await take(client.pollThread("thread", { signal: AbortSignal.abort() })), []);
  assert.equal(requests.length, 0);
});

test("an abort ends it without an error: during a request", async () => {
  const controller = new AbortController();
  const hangs = (request: Request) => {
    controller.abort();
    return Promise.reject(request.signal.reason);
  };
  const { client } = stub([page([1]), hangs]);
  assert.deepEqual(seqs(await take(client.pollThread("thread", { signal: controller.signal }))), [1]);
});

test("an abort ends it without an error: during a pause", async () => {
  const controller = new AbortController();
  const wait = async (_: number, signal: AbortSignal | undefined) => {
    controller.abort();
    signal?.throwIfAborted();
  };
  const { client } = stub([page([1])], { wait });
  assert.deepEqual(seqs(await take(client.pollThread("thread", { signal: controller.signal }))), [1]);
});

test("an abort ends it without an error: between two messages", async () => {
  const controller = new AbortController();
  const { client } = stub([page([1, 2, 3])]);
  const seen: number[] = [];
  for await (const { seq } of client.pollThread("thread", { signal: controller.signal })) {
    seen.push(seq);
    controller.abort();
  }
  assert.deepEqual(seen, [1]);
});
