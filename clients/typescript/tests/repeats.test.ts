import assert from "node:assert/strict";
import { test } from "node:test";
import { newIdempotencyKey } from "@repower/client";
import { failure, html, offline, ok, rejected, stub } from "./support.js";

const JOB = { path: { id: "00000000-0000-7000-8000-000000000000" } };
const overloaded = (seconds: string) => rejected(503, "overloaded", { "Retry-After": seconds });

test("a read is repeated after a temporary failure", async () => {
  const { client, requests, pauses } = stub([offline(), overloaded("3"), ok({ id: "job" })]);
  assert.deepEqual(await client.get("/api/jobs/{id}", JOB), { id: "job" });
  assert.equal(requests.length, 3);
  assert.deepEqual(pauses, [500, 3000]);
});

test("after the last repetition the failure is thrown unchanged", async () => {
  const { client, pauses } = stub([html(502), html(504), html(502)]);
  const error = await failure(client.get("/api/jobs/{id}", JOB), "unexpected_answer");
  assert.equal(error.status, 502);
  assert.deepEqual(pauses, [500, 1000]);
});

test("a permanent failure is not repeated", async () => {
  for (const reply of [rejected(500, "internal"), rejected(404, "not_found"), html(404)]) {
    const { client, requests } = stub([reply]);
    await assert.rejects(client.get("/api/jobs/{id}", JOB));
    assert.equal(requests.length, 1);
  }
});

test("a long Retry-After is thrown at once", async () => {
  const { client, pauses } = stub([rejected(429, "too_many_requests", { "Retry-After": "3600" })]);
  const error = await failure(client.get("/api/jobs"), "too_many_requests");
  assert.equal(error.retryAfter, 3600);
  assert.deepEqual(pauses, []);
});

test("a POST is repeated with a key only", async () => {
  const bare = stub([offline()]);
  await failure(bare.client.post("/api/jobs/{id}/applications", { ...JOB, body: {} }), "network_failure");
  assert.equal(bare.requests.length, 1);

  const keyed = stub([offline(), overloaded("1"), ok({ id: "application" })]);
  const body = { messageToCompany: "Hello" };
  await keyed.client.post("/api/jobs/{id}/applications", { ...JOB, body, idempotencyKey: "key" });
  assert.deepEqual(keyed.requests.map((request) => request.headers.get("Idempotency-Key")), ["key", "key", "key"]);
  for (const request of keyed.requests) assert.deepEqual(await request.json(), body);
});

test("a conflict with a request in progress is repeated", async () => {
  const { client, pauses } = stub([offline(), rejected(409, "conflict", { "Retry-After": "1" }), ok({ id: "application" })]);
  await client.post("/api/jobs/{id}/applications", { ...JOB, body: {}, idempotencyKey: "key" });
  assert.deepEqual(pauses, [500, 1000]);
});

test("a conflict about the resource is thrown", async () => {
  const { client } = stub([rejected(409, "already_applied")]);
  const call = client.post("/api/jobs/{id}/applications", { ...JOB, body: {}, idempotencyKey: "key" });
  await failure(call, "already_applied");
});

test("changes are never repeated", async () => {
  const { client, requests } = stub([offline(), offline(), offline()]);
  await failure(client.patch("/api/jobs/{id}", { ...JOB, body: {} }), "network_failure");
  await failure(client.put("/api/technicians/me/skills", { body: { skills: [] } }), "network_failure");
  await failure(client.delete("/api/technicians/me/certifications/{id}", JOB), "network_failure");
  assert.equal(requests.length, 3);
});

test("the number of repetitions is set for the client or the call", async () => {
  const never = stub([offline()], { retry: 0 });
  await failure(never.client.get("/api/users/me"), "network_failure");
  const once = stub([offline(), offline()]);
  await failure(once.client.get("/api/users/me", { retry: 1 }), "network_failure");
  assert.equal(once.requests.length, 2);
  const raw = stub([offline(), rejected(403, "forbidden")]);
  assert.equal((await raw.client.GET("/api/technicians/me")).error?.code, "forbidden");
});

test("an abort ends the pause before a repetition", async () => {
  const controller = new AbortController();
  const wait = async (_: number, signal: AbortSignal | undefined) => {
    controller.abort(new Error("enough"));
    signal?.throwIfAborted();
  };
  const { client, requests } = stub([offline()], { wait });
  await assert.rejects(client.get("/api/users/me", { signal: controller.signal }), /enough/);
  assert.equal(requests.length, 1);
});

test("keys are unique and valid for the server", () => {
  const keys = new Set(Array.from({ length: 1000 }, newIdempotencyKey));
  assert.equal(keys.size, 1000);
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});
