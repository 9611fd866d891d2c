import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, ok, rejected, stub } from "./support.js";

test("a response is returned with its meta, status and headers", async () => {
  const { client, requests } = stub([ok([{ id: 1 }], { limit: 20, nextCursor: "a" }, { ETag: '"v"', "X-Request-Id": "r-1" })]);
  const { data, meta, message, status, requestId, headers } = await client.request("get", "/api/jobs", { query: { q: "blade" } });
  assert.deepEqual([data.length, meta.nextCursor, message, status, requestId], [1, "a", "Done", 200, "r-1"]);
  assert.equal(headers.get("ETag"), '"v"');
  assert.equal(requests[0]?.url, "http://api.test/api/jobs?q=blade");
});

test("what is no list has no meta", async () => {
  const { client } = stub([ok({ id: "user" })]);
  const { meta, requestId } = await client.request("get", "/api/users/me");
  assert.equal(meta, undefined);
  assert.equal(requestId, null);
});

test("an error is thrown, and a path is checked, as by the other calls", async () => {
  const { client } = stub([rejected(404, "not_found")]);
  await failure(client.request("get", "/api/jobs/{id}", { path: { id: "x" } }), "not_found");
  await assert.rejects(client.request("get", "/api/jobs/{id}", { path: { id: "" } }), TypeError);
});
