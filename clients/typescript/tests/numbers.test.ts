import assert from "node:assert/strict";
import { test } from "node:test";
import { stub, take } from "./support.js";

const PATH = { id: "00000000-0000-7000-8000-000000000000" };

test("a number that JSON does not have is rejected by name, and nothing is sent", async () => {
  for (const number of [NaN, Infinity, -Infinity]) {
    const { client, requests } = stub([]);
    const calls: [() => Promise<unknown>, string][] = [
      [() => client.patch("/api/technicians/me", { body: { dayRateMin: number } }), "body.dayRateMin"],
      [() => client.PATCH("/api/technicians/me", { body: { dayRateMin: number } }), "body.dayRateMin"],
      [() => client.get("/api/jobs", { query: { dayRateMin: number } }), "query.dayRateMin"],
      [() => client.GET("/api/jobs", { params: { query: { dayRateMin: number } } }), "query.dayRateMin"],
      [() => client.request("get", "/api/jobs", { query: { limit: number } }), "query.limit"],
      [() => take(client.jobs({ dayRateMin: number })), "query.dayRateMin"],
      [() => take(client.pollThread("thread", { after: number })), "query.after"],
      [() => take(client.threadHistory("thread", { before: number })), "query.before"],
      [() => client.post("/api/chat/threads/{id}/read", { path: PATH, body: { seq: number } }), "body.seq"],
    ];
    for (const [call, place] of calls) {
      await assert.rejects(call, (thrown) => {
        assert.ok(thrown instanceof TypeError);
        assert.ok(thrown.message.startsWith(`${place} of /api/`) && thrown.message.endsWith(`it is ${number}.`), thrown.message);
        return true;
      });
    }
    assert.equal(requests.length, 0);
  }
});

test("so are one within an array, and a date that is none, which JSON would write as null", async () => {
  const { client } = stub([]);
  const put = client.put as (path: string, options: object) => Promise<unknown>;
  await assert.rejects(put("/api/technicians/me/skills", { body: { skills: [{ years: 1 }, { years: NaN }] } }), /body\.skills\[1\]\.years/);
  await assert.rejects(put("/api/technicians/me/skills", { body: { from: new Date(NaN) } }), /body\.from .* a valid date/);
});
