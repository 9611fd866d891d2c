import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createClient, type ClientSettings } from "@repower/client";
import { BASE, failure, ok } from "./support.js";

/** Replaces the clock: collects the timers that were set and not cleared. */
function still(context: TestContext): { run: () => void; milliseconds: number }[] {
  const timers: { run: () => void; milliseconds: number }[] = [];
  context.mock.method(globalThis, "setTimeout", (run: () => void, milliseconds: number) => {
    const timer = { run, milliseconds };
    timers.push(timer);
    return timer;
  });
  context.mock.method(globalThis, "clearTimeout", (timer: (typeof timers)[number] | undefined) => {
    if (timer) timers.splice(timers.indexOf(timer), 1);
  });
  return timers;
}

/** A client of a server that never responds. */
function waiting(settings: Partial<ClientSettings> = {}) {
  let started = () => {};
  const requested = new Promise<void>((resolve) => (started = resolve));
  const fetch = (request: Request) =>
    new Promise<Response>((_, reject) => {
      request.signal.addEventListener("abort", () => reject(request.signal.reason));
      started();
    });
  return { client: createClient({ baseUrl: BASE, fetch, retry: 0, wait: async () => {}, ...settings }), requested };
}

test("a request without a response fails after 30 seconds, and the cause is a TimeoutError", async (context) => {
  const timers = still(context);
  const { client, requested } = waiting();
  const call = failure(client.get("/api/users/me"), "network_failure");
  await requested;
  assert.deepEqual(timers.map((timer) => timer.milliseconds), [30_000]);
  timers[0]?.run();
  const error = await call;
  assert.match(error.message, /in time/);
  assert.equal((error.cause as DOMException).name, "TimeoutError");
  assert.equal(timers.length, 0);
});

test("the time limit is set for the client or the call", async (context) => {
  const timers = still(context);
  for (const [settings, options, milliseconds] of [[{ timeout: 5_000 }, {}, 5_000], [{}, { timeout: 700 }, 700]] as const) {
    const { client, requested } = waiting(settings);
    const call = failure(client.get("/api/users/me", options), "network_failure");
    await requested;
    assert.deepEqual(timers.map((timer) => timer.milliseconds), [milliseconds]);
    timers[0]?.run();
    await call;
  }
});

test("0 and Infinity are no limit", async (context) => {
  const timers = still(context);
  for (const timeout of [0, Infinity]) {
    const controller = new AbortController();
    const { client, requested } = waiting({ timeout });
    const call = client.get("/api/users/me", { signal: controller.signal });
    await requested;
    assert.equal(timers.length, 0);
    controller.abort(new Error("enough"));
    await assert.rejects(call, /enough/);
  }
});

test("an abort comes before the time limit, with its own reason, and the timer is cleared", async (context) => {
  const timers = still(context);
  const controller = new AbortController();
  const { client, requested } = waiting();
  const call = client.get("/api/users/me", { signal: controller.signal });
  await requested;
  controller.abort(new Error("enough"));
  await assert.rejects(call, /enough/);
  assert.equal(timers.length, 0);
});

test("a read that took too long is repeated", async (context) => {
  const timers = still(context);
  let requests = 0;
  const fetch = (request: Request) => {
    requests += 1;
    if (requests === 2) return Promise.resolve(ok({ id: "user" }));
    return new Promise<Response>((_, reject) => {
      request.signal.addEventListener("abort", () => reject(request.signal.reason));
      timers[0]?.run();
    });
  };
  const client = createClient({ baseUrl: BASE, fetch, wait: async () => {} });
  assert.deepEqual(await client.get("/api/users/me"), { id: "user" });
  assert.equal(requests, 2);
});
