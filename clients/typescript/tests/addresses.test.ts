import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createClient } from "@repower/client";
import { ok, stub, take } from "./support.js";

const GONE: [unknown, RegExp][] = [
  ["", /""/],
  [".", /"\."/],
  ["..", /"\.\."/],
  [undefined, /undefined/],
  [null, /null/],
  [7, /7/],
  [[], /"id"/],
];

/** Simulates a page at a URL, as in a browser. */
function pageAt(context: TestContext, href: string): void {
  const scope = globalThis as { location?: unknown };
  scope.location = { href };
  context.after(() => delete scope.location);
}

async function rejected(call: Promise<unknown>, named: RegExp): Promise<void> {
  const error = await call.then(
    () => assert.fail("it was sent"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TypeError);
  assert.match(error.message, /"id" of \/api\/.*\{id\}/);
  assert.match(error.message, named);
}

test("a path parameter that would change the path is rejected by name, and nothing is sent", async () => {
  for (const [value, named] of GONE) {
    const { client, requests } = stub([]);
    const path = { id: value as string };
    await rejected(client.get("/api/jobs/{id}", { path }), named);
    await rejected(client.post("/api/jobs/{id}/applications", { path, body: {} }), named);
    await rejected(client.patch("/api/jobs/{id}", { path, body: {} }), named);
    await rejected(client.delete("/api/companies/me/members/{id}", { path }), named);
    await rejected(client.GET("/api/jobs/{id}", { params: { path } }), named);
    await rejected(client.POST("/api/jobs/{id}/applications", { params: { path }, body: {} }), named);
    await rejected(client.PATCH("/api/jobs/{id}", { params: { path }, body: {} }), named);
    await rejected(client.DELETE("/api/companies/me/members/{id}", { params: { path } }), named);
    await rejected(take(client.list("/api/jobs/{id}/applications", { path })), named);
    await rejected(take(client.pollThread(value as string)), named);
    assert.equal(requests.length, 0);
  }
});

test("a missing path parameter is rejected", async () => {
  const { client } = stub([]);
  const get = client.get as (path: string, options?: object) => Promise<unknown>;
  const raw = client.GET as (path: string, options?: object) => Promise<unknown>;
  for (const options of [undefined, {}, { path: undefined }, { path: null }, { path: {} }]) {
    await rejected(get("/api/jobs/{id}", options), /undefined/);
    await rejected(raw("/api/jobs/{id}", options && { params: options }), /undefined/);
  }
});

test("a path parameter is encoded as one segment of the path", async () => {
  const ids = { "a/b": "a%2Fb", "../x": "..%2Fx", "%2e": "%252e", "a?b#c": "a%3Fb%23c", "...": "..." };
  for (const [id, sent] of Object.entries(ids)) {
    const { client, requests } = stub([ok({})]);
    await client.get("/api/jobs/{id}", { path: { id } });
    assert.equal(requests[0]?.url, `http://api.test/api/jobs/${sent}`);
  }
});

test("undefined fields are not sent", async () => {
  const { client, requests } = stub([ok([], { nextCursor: null }), ok({})]);
  await take(client.jobs({ q: undefined, country: "DK" }));
  assert.equal(requests[0]?.url, "http://api.test/api/jobs?country=DK");
  await client.post("/api/chat/threads", { body: { companyId: "c", jobId: undefined, text: undefined } });
  assert.deepEqual(await requests[1]?.json(), { companyId: "c" });
});

test("an invalid baseUrl is rejected at once, with its value", () => {
  const parts = ["http://a.test/?b", "http://a.test/#b", "http://user:secret@a.test"];
  const others = ["", "/", "/api", "localhost:3000", "api.example.com", "ftp://api.test", "http://", undefined, null, 3000];
  for (const baseUrl of [...parts, ...others]) {
    const make = () => createClient({ baseUrl: baseUrl as string });
    const got = typeof baseUrl === "string" ? JSON.stringify(baseUrl) : String(baseUrl);
    assert.throws(make, (thrown) => thrown instanceof TypeError && thrown.message.endsWith(`it is ${got}.`), got);
  }
});

test("in a browser a path is a valid baseUrl, and no other relative URL", async (context) => {
  pageAt(context, "https://app.test/jobs/index.html?page=2#top");
  const places = { "/": "https://app.test", "/v3/": "https://app.test/v3", "http://api.test": "http://api.test" };
  for (const [baseUrl, sent] of Object.entries(places)) {
    const { client, requests } = stub([ok({})], { baseUrl });
    await client.get("/api/users/me");
    assert.equal(requests[0]?.url, `${sent}/api/users/me`);
  }
  for (const baseUrl of ["", "undefined", "localhost:3000", "api.example.com", undefined]) {
    assert.throws(() => createClient({ baseUrl: baseUrl as string }), TypeError, baseUrl);
  }
});

test("a page of a file has no valid paths", (context) => {
  pageAt(context, "file:///index.html");
  assert.throws(() => createClient({ baseUrl: "/" }), TypeError);
});
