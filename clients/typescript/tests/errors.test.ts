import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrors, isApiError, isTemporary, isTransportError, RepowerError } from "@repower/client";
import { failure, html, offline, ok, rejected, stub } from "./support.js";

const ID = "00000000-0000-7000-8000-000000000000";
const DETAILS = [
  { field: "email", code: "required", message: "Missing" },
  { field: "skills[0].name", code: "too_long", message: "Too long" },
  { field: "email", code: "invalid_format", message: "No email" },
  { field: "__proto__", code: "unknown_field", message: "Unknown" },
];

test("an error of the API is thrown with its status, request id and details", async () => {
  const { client } = stub([rejected(404, "not_found", { "X-Request-Id": "r-1" })]);
  const error = await failure(client.get("/api/jobs/{id}", { path: { id: ID } }), "not_found");
  assert.equal(error.status, 404);
  assert.equal(error.requestId, "r-1");
  assert.equal(error.retryAfter, null);
  assert.equal(error.message, "No");
  assert.equal(error.details, null);
  assert.deepEqual(error.error, { success: false, code: "not_found", message: "No", details: null });
  assert.ok(isApiError(error));
  assert.ok(isApiError(error, "forbidden", "not_found"));
  assert.ok(!isApiError(error, "forbidden"));
  assert.ok(!isTransportError(error));
});

test("other thrown values are not errors of the API", () => {
  for (const thrown of [null, undefined, "not_found", { code: "not_found" }, new Error("not_found")]) {
    assert.ok(!isApiError(thrown));
    assert.ok(!isTransportError(thrown));
    assert.deepEqual(Object.keys(fieldErrors(thrown)), []);
  }
});

test("the errors of fields are grouped by name", async () => {
  const { client } = stub([rejected(400, "validation_failed", {}, DETAILS)]);
  const error = await failure(client.logIn({ email: "", password: "" }), "validation_failed");
  const fields = fieldErrors(error);
  assert.deepEqual(Object.keys(fields), ["email", "skills[0].name", "__proto__"]);
  assert.deepEqual(fields["email"]?.map((field) => field.code), ["required", "invalid_format"]);
  assert.equal(fields["toString"], undefined);
});

test("the raw client returns errors in their envelope", async () => {
  const { client } = stub([rejected(403, "forbidden")]);
  const { data, error, response } = await client.GET("/api/technicians/me");
  assert.equal(data, undefined);
  assert.equal(error?.code, "forbidden");
  assert.equal(response.status, 403);
});

test("a response of a proxy is an unexpected_answer, in both styles", async () => {
  const { client } = stub([html(500), html(413), html(200)]);
  const error = await failure(client.get("/api/users/me"), "unexpected_answer");
  assert.equal(error.status, 500);
  assert.deepEqual(error.details, { contentType: "text/html", excerpt: "<h1>Bad Gateway</h1>" });
  assert.ok(isTransportError(error));
  assert.ok(!isApiError(error));
  await failure(client.PUT("/api/technicians/me/skills", { body: { skills: [] } }), "unexpected_answer");
  assert.equal((await failure(client.get("/api/users/me"), "unexpected_answer")).status, 200);
});

test("JSON without an envelope is an unexpected_answer", async () => {
  const bodies = ["", "{", "null", "[]", "{}", '"ok"', '{"success": true}', '{"success": false, "code": "x", "message": "y"}'];
  for (const body of bodies) {
    const { client } = stub([new Response(body, { headers: { "Content-Type": "application/json" } })]);
    await failure(client.get("/api/users/me"), "unexpected_answer");
  }
  const { client } = stub([Response.json({ success: true, data: 1 }, { status: 404 }), new Response(null, { status: 204 })]);
  await failure(client.get("/api/users/me"), "unexpected_answer");
  await failure(client.get("/api/users/me"), "unexpected_answer");
});

test("a missing response is a network_failure", async () => {
  const cause = offline();
  const { client } = stub([cause]);
  const error = await failure(client.patch("/api/companies/me", { body: {} }), "network_failure");
  assert.equal(error.cause, cause);
  assert.equal(error.status, null);
  assert.equal(error.requestId, null);
  assert.ok(isTransportError(error));
});

test("an incomplete response is a network_failure", async () => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"success": true, "da'));
      controller.error(new TypeError("terminated"));
    },
  });
  const { client } = stub([new Response(body)]);
  await failure(client.get("/api/users/me", { retry: 0 }), "network_failure");
});

test("a 304 has neither data nor error", async () => {
  const { client, requests } = stub([new Response(null, { status: 304, headers: { ETag: '"1"' } })]);
  const result = await client.GET("/api/jobs", { params: { header: { "If-None-Match": '"1"' } } });
  assert.equal(requests[0]?.headers.get("If-None-Match"), '"1"');
  assert.equal(result.data, undefined);
  assert.equal(result.error, undefined);
  assert.equal(result.response.status, 304);
});

test("a 304 without If-None-Match is an unexpected_answer", async () => {
  const { client } = stub([new Response(null, { status: 304 })]);
  await failure(client.get("/api/jobs"), "unexpected_answer");
});

test("an unknown code of a newer server is thrown unchanged", async () => {
  const { client } = stub([rejected(409, "wind_too_strong")]);
  const error = await failure(client.patch("/api/companies/me", { body: {} }), "wind_too_strong");
  assert.ok(isApiError(error));
});

test("an aborted call rejects with the signal's reason", async () => {
  const controller = new AbortController();
  const { client } = stub([
    (request) => {
      controller.abort(new Error("enough"));
      return Promise.reject(request.signal.reason);
    },
  ]);
  await assert.rejects(client.get("/api/users/me", { signal: controller.signal }), /enough/);
});

test("Retry-After is read as seconds and as a date", async () => {
  const past = new Date(0).toUTCString();
  for (const [header, seconds] of [["7", 7], [past, 0], ["soon", null]] as const) {
    const { client } = stub([rejected(429, "too_many_requests", { "Retry-After": header })]);
    const error = await failure(client.logIn({ email: "e", password: "p" }), "too_many_requests");
    assert.equal(error.retryAfter, seconds);
  }
});

test("the document itself has no envelope", async () => {
  const { client } = stub([Response.json({ openapi: "3.1.0" })]);
  const { data } = await client.GET("/api/openapi.json");
  assert.deepEqual(data, { openapi: "3.1.0" });
});

test("a picture is a text without an envelope", async () => {
  const svg = (type: string) => new Response("<svg/>", { headers: { "Content-Type": type } });
  const read = (response: Response) =>
    stub([response]).client.GET("/api/technicians/me/passport/timeline.svg", { parseAs: "text" });
  const { data } = await read(svg("image/svg+xml"));
  assert.equal(data, "<svg/>");
  await failure(read(svg("text/html")), "unexpected_answer");
  assert.equal((await read(rejected(403, "forbidden"))).error?.code, "forbidden");
});

test("the text of an error has its code and message", () => {
  const error = new RepowerError({ success: false, code: "not_found", message: "No such job", details: null });
  assert.equal(String(error), "RepowerError: No such job");
  assert.ok(error instanceof Error);
});

test("a call returns the data of the envelope", async () => {
  const { client } = stub([ok({ id: ID })]);
  assert.deepEqual(await client.get("/api/jobs/{id}", { path: { id: ID } }), { id: ID });
});

test("temporary errors are distinguished from permanent ones", () => {
  const error = { success: false, code: "overloaded", message: "No", details: null } as const;
  const errorOf = (status: number) => new RepowerError(error, { response: new Response(null, { status }) });
  assert.deepEqual([429, 502, 503, 504, 400, 401, 409, 500].map((status) => isTemporary(errorOf(status))), [
    ...[true, true, true, true],
    ...[false, false, false, false],
  ]);
  assert.ok(isTemporary(new RepowerError({ success: false, code: "network_failure", message: "No", details: null })));
  for (const thrown of [null, undefined, new TypeError("fetch failed"), { status: 503 }]) assert.ok(!isTemporary(thrown));
});
