import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createClient } from "@repower/client";
import { BASE, offline, ok, take } from "./support.js";

/** Replaces the clock: collects the timers that were set and not cleared. */
function still(context: TestContext): Map<number, { run: () => void; milliseconds: number }> {
  const timers = new Map<number, { run: () => void; milliseconds: number }>();
  let last = 0;
  context.mock.method(globalThis, "setTimeout", (run: () => void, milliseconds: number) => {
    timers.set((last += 1), { run, milliseconds });
    return last;
  });
  context.mock.method(globalThis, "clearTimeout", (timer: number) => timers.delete(timer));
  return timers;
}

/** Runs all pending tasks that need no timer. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

test("a pause waits for the clock", async (context) => {
  const timers = still(context);
  const replies = [() => Promise.reject(offline()), async () => ok({ id: "user" })];
  const client = createClient({ baseUrl: BASE, fetch: () => replies.shift()?.() ?? assert.fail("too many requests") });
  const call = client.get("/api/users/me");
  await settle();
  assert.equal(replies.length, 1);
  const [timer] = timers.values();
  assert.equal(timer?.milliseconds, 500);
  timer?.run();
  assert.deepEqual(await call, { id: "user" });
});

test("an abort ends a pause, and clears its timer", async (context) => {
  const timers = still(context);
  const controller = new AbortController();
  const client = createClient({ baseUrl: BASE, fetch: async () => ok([], { limit: 50, lastSeq: 0, hasMore: false }) });
  const polling = take(client.pollThread("thread", { signal: controller.signal }));
  await settle();
  assert.equal(timers.size, 1);
  controller.abort();
  assert.deepEqual(await polling, []);
  assert.equal(timers.size, 0);
});
