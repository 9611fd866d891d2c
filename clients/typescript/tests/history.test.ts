import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, message, ok, rejected, stub, take } from "./support.js";

const part = (seqs: number[], hasMore: boolean) => ok(seqs.map(message), { limit: 50, lastSeq: 5, hasMore });
const seqs = (part: { data: { seq: number }[] } | undefined | void) => part?.data.map((row) => row.seq);
const query = (request: Request) => new URL(request.url).search;

test("the newest messages come first, and older ones with each call", async () => {
  const { client, requests } = stub([part([4, 5], true), part([2, 3], true), part([1], false)]);
  const history = client.threadHistory("thread", { limit: 2 });
  const newest = (await history.next()).value;
  assert.deepEqual(seqs(newest), [4, 5]);
  assert.equal(newest?.meta.lastSeq, 5);
  assert.equal(requests.length, 1);
  assert.deepEqual((await take(history)).map(seqs), [[2, 3], [1]]);
  assert.deepEqual(requests.map(query), ["?limit=2", "?before=4&limit=2", "?before=2&limit=2"]);
});

test("it starts before a known message", async () => {
  const { client, requests } = stub([part([1, 2], false)]);
  assert.deepEqual((await take(client.threadHistory("thread", { before: 3 }))).map(seqs), [[1, 2]]);
  assert.deepEqual(requests.map(query), ["?before=3"]);
});

test("a thread without messages has one empty part", async () => {
  const { client } = stub([part([], false)]);
  assert.deepEqual((await take(client.threadHistory("thread"))).map(seqs), [[]]);
});

test("a part that could not be fetched is fetched again", async () => {
  const { client, requests } = stub([part([4, 5], true), rejected(403, "forbidden"), part([3], false)]);
  const history = client.threadHistory("thread");
  await history.next();
  await failure(history.next(), "forbidden");
  assert.deepEqual(seqs((await history.next()).value), [3]);
  assert.equal((await history.next()).done, true);
  assert.deepEqual(requests.map(query), ["", "?before=4", "?before=4"]);
});
