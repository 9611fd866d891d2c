import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, ok, offline, rejected, stub, take } from "./support.js";

const part = (rows: number[], nextCursor: string | null) => ok(rows.map((id) => ({ id })), { limit: 2, nextCursor });
const ids = (rows: { id: unknown }[]) => rows.map((row) => row.id);
const query = (request: Request | undefined) => request && new URL(request.url).search;

test("a list is read to its end, page by page", async () => {
  const { client, requests } = stub([part([1, 2], "a"), part([3, 4], "b"), part([5], null)]);
  assert.deepEqual(ids(await take(client.jobs({ discipline: "BLADE_REPAIR", limit: 2 }))), [1, 2, 3, 4, 5]);
  assert.deepEqual(requests.map(query), [
    "?discipline=BLADE_REPAIR&limit=2",
    "?discipline=BLADE_REPAIR&limit=2&cursor=a",
    "?discipline=BLADE_REPAIR&limit=2&cursor=b",
  ]);
});

test("an empty list has no rows and one page", async () => {
  const { client } = stub([part([], null), part([], null)]);
  assert.deepEqual(await take(client.technicians()), []);
  assert.equal((await take(client.technicians().pages())).length, 1);
});

test("an empty page is not the end", async () => {
  const { client } = stub([part([], "a"), part([1], null)]);
  assert.deepEqual(ids(await take(client.jobs())), [1]);
});

test("a page is fetched on demand", async () => {
  const { client, requests } = stub([part([1, 2], "a"), part([3], null)]);
  const list = client.jobs();
  assert.equal(requests.length, 0);
  assert.deepEqual(ids(await take(list, 2)), [1, 2]);
  assert.equal(requests.length, 1);
});

test("each iteration starts again, or at the cursor", async () => {
  const { client, requests } = stub([part([1], null), part([1], null), part([7], null)]);
  const list = client.jobs();
  assert.deepEqual(ids(await take(list)), ids(await take(list)));
  assert.deepEqual(ids(await take(client.jobs({ cursor: "there" }))), [7]);
  assert.equal(query(requests[2]), "?cursor=there");
});

test("pages have their meta", async () => {
  const { client } = stub([part([1, 2], "a"), part([3], null)]);
  const pages = client.jobs().pages();
  const first = await pages.next();
  assert.equal(first.value?.meta.nextCursor, "a");
  assert.deepEqual(ids((await pages.next()).value?.data ?? []), [3]);
  assert.equal((await pages.next()).done, true);
});

test("any list of the document is read by its path", async () => {
  const { client, requests } = stub([part([1], null)]);
  const list = client.list("/api/jobs/{id}/applications", { path: { id: "a/b" }, query: { status: "APPLIED" } });
  assert.deepEqual(ids(await take(list)), [1]);
  assert.equal(requests[0]?.url, "http://api.test/api/jobs/a%2Fb/applications?status=APPLIED");
});

test("an error ends the iteration, after the repetitions", async () => {
  const { client } = stub([part([1], "a"), offline(), rejected(400, "invalid_cursor")]);
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const job of client.jobs()) seen.push(job.id);
  })();
  await failure(reading, "invalid_cursor");
  assert.deepEqual(seen, [1]);
});

test("an abort ends the iteration with its reason, also between two rows", async () => {
  const controller = new AbortController();
  const { client, requests } = stub([part([1, 2], "a")]);
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const job of client.jobs({}, { signal: controller.signal })) {
      seen.push(job.id);
      controller.abort(new Error("enough"));
    }
  })();
  await assert.rejects(reading, /enough/);
  assert.deepEqual(seen, [1]);
  assert.equal(requests.length, 1);
});

test("a page that is followed by itself is an error", async () => {
  const { client } = stub([part([1], "a"), part([1], "a")]);
  await failure(take(client.jobs()), "unexpected_answer");
});

test("a list becomes an array, whole or up to a maximum", async () => {
  const { client, requests } = stub([part([1, 2], "a"), part([3], null), part([1, 2], "a")]);
  const list = client.jobs();
  assert.deepEqual(ids(await list.toArray()), [1, 2, 3]);
  assert.equal(requests.length, 2);
  assert.deepEqual(ids(await list.toArray({ max: 2 })), [1, 2]);
  assert.deepEqual(await list.toArray({ max: 0 }), []);
  assert.equal(requests.length, 3);
});

test("after an error no partial array is returned", async () => {
  const { client } = stub([part([1], "a"), rejected(400, "invalid_cursor")]);
  await failure(client.jobs().toArray(), "invalid_cursor");
});

test("a page that could not be fetched is fetched again by the next call, and is no end", async () => {
  const { client, requests } = stub([part([1], "a"), rejected(403, "forbidden"), rejected(403, "forbidden"), part([2], null)]);
  const pages = client.jobs().pages();
  await pages.next();
  await failure(pages.next(), "forbidden");
  await failure(pages.next(), "forbidden");
  assert.deepEqual(ids((await pages.next()).value?.data ?? []), [2]);
  assert.equal((await pages.next()).done, true);
  assert.deepEqual(requests.map(query), ["", "?cursor=a", "?cursor=a", "?cursor=a"]);
});

test("rows go on after an error, each once", async () => {
  const { client } = stub([part([1, 2], "a"), rejected(403, "forbidden"), part([3], null)]);
  const rows = client.jobs()[Symbol.asyncIterator]();
  assert.deepEqual([(await rows.next()).value?.id, (await rows.next()).value?.id], [1, 2]);
  await failure(rows.next(), "forbidden");
  assert.equal((await rows.next()).value?.id, 3);
  assert.equal((await rows.next()).done, true);
});

test("pages that are requested at once come in their order, also around an error", async () => {
  const { client } = stub([part([1], "a"), rejected(403, "forbidden"), part([2], null)]);
  const pages = client.jobs().pages();
  const [one, two, three] = await Promise.allSettled([pages.next(), pages.next(), pages.next()]);
  assert.deepEqual([one.status, two.status, three.status], ["fulfilled", "rejected", "fulfilled"]);
  assert.deepEqual(ids(three.status === "fulfilled" ? (three.value.value?.data ?? []) : []), [2]);
});

test("a list that was left has no more pages", async () => {
  const { client } = stub([part([1], "a")]);
  const pages = client.jobs().pages();
  await pages.next();
  await pages.return?.();
  assert.equal((await pages.next()).done, true);
});

test("awaiting a list reads nothing", async () => {
  const { client, requests } = stub([]);
  await client.jobs();
  assert.equal(requests.length, 0);
});
