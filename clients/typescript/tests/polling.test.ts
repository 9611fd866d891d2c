import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, html, message, offline, ok, refused, stub, take } from "./support.js";

const answer = (seqs: number[], more: { hasMore?: boolean; etag?: string } = {}) =>
  ok(seqs.map(message), { limit: 50, lastSeq: 9, hasMore: more.hasMore ?? false }, more.etag ? { ETag: more.etag } : {});
const unchanged = () => new Response(null, { status: 304 });
const seqs = (rows: { seq: number }[]) => rows.map((row) => row.seq);
const asked = (request: Request) => `${new URL(request.url).search} ${request.headers.get("If-None-Match") ?? ""}`.trim();

test("messages come in order, each once, and from the first", async () => {
  const { client, requests, pauses } = stub([answer([1, 2]), answer([]), answer([3])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 3)), [1, 2, 3]);
  assert.deepEqual(requests.map(asked), ["?after=0", "?after=2", "?after=2"]);
  assert.deepEqual(pauses, [3000, 3000]);
});

test("who knows some messages gets those after", async () => {
  const { client, requests, pauses } = stub([answer([]), answer([8])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread", { after: 7, interval: 1000, limit: 200 }), 1)), [8]);
  assert.deepEqual(requests.map(asked), ["?after=7&limit=200", "?after=7&limit=200"]);
  assert.deepEqual(pauses, [1000]);
});

test("what is known is asked for by its ETag, and 304 means nothing new", async () => {
  const replies = [answer([1], { etag: '"a"' }), answer([], { etag: '"b"' }), unchanged(), unchanged(), answer([2])];
  const { client, requests } = stub(replies);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 2)), [1, 2]);
  assert.deepEqual(requests.map(asked), ["?after=0", "?after=1", '?after=1 "b"', '?after=1 "b"', '?after=1 "b"']);
});

test("there is no pause while more messages wait", async () => {
  const { client, pauses } = stub([answer([1, 2], { hasMore: true }), answer([3, 4], { hasMore: true }), answer([5])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 5)), [1, 2, 3, 4, 5]);
  assert.deepEqual(pauses, []);
});

test("a message that was seen is not shown again", async () => {
  const { client } = stub([answer([1, 2]), answer([1, 2, 3]), answer([4])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 4)), [1, 2, 3, 4]);
});

test("nothing is skipped: at a gap it asks again", async () => {
  const { client, requests } = stub([answer([1, 2, 4]), answer([4], { etag: '"a"' }), answer([3, 4])]);
  assert.deepEqual(seqs(await take(client.pollThread("thread"), 4)), [1, 2, 3, 4]);
  assert.deepEqual(requests.map(asked), ["?after=0", "?after=2", "?after=2"]);
});

test("a gap that stays is told", async () => {
  const { client } = stub([answer([2]), answer([2])]);
  const error = await failure(take(client.pollThread("thread")), "unexpected_answer");
  assert.match(error.message, /Message 1 is missing/);
});

test("it comes back when the server says, and no later than is wished", async () => {
  const replies = [
    refused(429, "too_many_requests", { "Retry-After": "7" }),
    refused(503, "overloaded", { "Retry-After": "1" }),
    refused(503, "database_unavailable", { "Retry-After": "3600" }),
    answer([1]),
  ];
  const { client, pauses } = stub(replies);
  assert.deepEqual(seqs(await take(client.pollThread("thread", { maxInterval: 30_000 }), 1)), [1]);
  assert.deepEqual(pauses, [7000, 3000, 30_000]);
});

test("without a network it waits longer each time, tells, and goes on", async () => {
  const told: string[] = [];
  const replies = [offline(), html(502), offline(), offline(), answer([1]), offline(), answer([2])];
  const { client, pauses } = stub(replies);
  const messages = client.pollThread("thread", {
    interval: 2000,
    maxInterval: 10_000,
    onInterruption: (error) => told.push(error.code),
  });
  assert.deepEqual(seqs(await take(messages, 2)), [1, 2]);
  assert.deepEqual(pauses, [2000, 4000, 8000, 10_000, 2000, 2000]);
  assert.equal(told.join(" "), "network_failure unexpected_answer network_failure network_failure network_failure");
});

test("an interval of nothing is none after a failure", async () => {
  const { client, pauses } = stub([offline(), offline(), answer([1])]);
  await take(client.pollThread("thread", { interval: 0 }), 1);
  assert.deepEqual(pauses, [1000, 2000]);
});

test("what does not pass is thrown", async () => {
  for (const [status, code] of [[401, "unauthenticated"], [404, "not_found"], [403, "forbidden"], [500, "internal"]] as const) {
    const { client } = stub([answer([1]), refused(status, code)]);
    const seen: number[] = [];
    const polling = (async () => {
      for await (const { seq } of client.pollThread("thread")) seen.push(seq);
    })();
    await failure(polling, code);
    assert.deepEqual(seen, [1]);
  }
});

test("an abort ends it without an error: before it began", async () => {
  const { client, requests } = stub([]);
  assert.deepEqual(await take(client.pollThread("thread", { signal: AbortSignal.abort() })), []);
  assert.equal(requests.length, 0);
});

test("an abort ends it without an error: while it asks", async () => {
  const controller = new AbortController();
  const hangs = (request: Request) => {
    controller.abort();
    return Promise.reject(request.signal.reason);
  };
  const { client } = stub([answer([1]), hangs]);
  assert.deepEqual(seqs(await take(client.pollThread("thread", { signal: controller.signal }))), [1]);
});

test("an abort ends it without an error: while it waits", async () => {
  const controller = new AbortController();
  const wait = async (_: number, signal: AbortSignal | undefined) => {
    controller.abort();
    signal?.throwIfAborted();
  };
  const { client } = stub([answer([1])], { wait });
  assert.deepEqual(seqs(await take(client.pollThread("thread", { signal: controller.signal }))), [1]);
});

test("an abort ends it without an error: between two messages", async () => {
  const controller = new AbortController();
  const { client } = stub([answer([1, 2, 3])]);
  const seen: number[] = [];
  for await (const { seq } of client.pollThread("thread", { signal: controller.signal })) {
    seen.push(seq);
    controller.abort();
  }
  assert.deepEqual(seen, [1]);
});
