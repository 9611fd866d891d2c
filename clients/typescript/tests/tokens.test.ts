import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryTokens, storedTokens } from "@repower/client";
import { BASE, failure, offline, ok, rejected, stub } from "./support.js";

const LOGIN = { email: "ana@example.com", password: "correct horse" };
const signedIn = (token: string) => ok({ token });
const bearer = (request: Request | undefined) => request?.headers.get("Authorization");

test("the token of a login is sent with later calls", async () => {
  const { client, requests } = stub([signedIn("one"), ok({})]);
  await client.logIn(LOGIN);
  await client.get("/api/users/me");
  assert.deepEqual(requests.map(bearer), [null, "Bearer one"]);
});

test("each of the four operations with a token stores it, in both styles", async () => {
  const tokens = memoryTokens();
  const replies = [1, 2, 3, 4, 5].map((number) => signedIn(`token ${number}`));
  const { client, requests } = stub(replies, { tokens });
  await client.register({ ...LOGIN, role: "TECHNICIAN", fullName: "Ana Ruiz", country: "ES" });
  assert.equal(tokens.get(), "token 1");
  await client.logIn(LOGIN);
  assert.equal(tokens.get(), "token 2");
  await client.acceptInvitation({ token: "invitation", password: "correct horse" });
  assert.equal(tokens.get(), "token 3");
  await client.changePassword({ currentPassword: "correct horse", newPassword: "correcter horse" });
  assert.equal(tokens.get(), "token 4");
  assert.equal(bearer(requests[3]), "Bearer token 3");
  await client.POST("/api/auth/login", { body: LOGIN });
  assert.equal(tokens.get(), "token 5");
});

test("the token of an invitation is not stored as the own", async () => {
  const tokens = memoryTokens("mine");
  const { client } = stub([ok({ token: "invitation" })], { tokens });
  await client.post("/api/companies/me/invitations", { body: { email: "r@example.com", role: "RECRUITER" } });
  assert.equal(tokens.get(), "mine");
});

test("a rejected token is deleted, and onSignedOut is called once", async () => {
  const tokens = memoryTokens("old");
  let calls = 0;
  const replies = [rejected(401, "unauthenticated"), rejected(401, "unauthenticated"), rejected(401, "unauthenticated")];
  const { client } = stub(replies, { tokens, onSignedOut: () => (calls += 1) });
  const requests = [client.get("/api/users/me"), client.GET("/api/users/me")] as const;
  await failure(requests[0], "unauthenticated");
  assert.equal((await requests[1]).error?.code, "unauthenticated");
  assert.equal(tokens.get(), null);
  await failure(client.get("/api/users/me"), "unauthenticated");
  assert.equal(calls, 1);
});

test("invalid credentials do not delete the token", async () => {
  const tokens = memoryTokens("mine");
  const { client } = stub([rejected(401, "invalid_credentials")], { tokens });
  await failure(client.logIn(LOGIN), "invalid_credentials");
  assert.equal(tokens.get(), "mine");
});

test("a new token that arrives during a rejection of the old one stays", async () => {
  const tokens = memoryTokens("old");
  const late = () => {
    tokens.set("new");
    return rejected(401, "unauthenticated");
  };
  const { client } = stub([late], { tokens, onSignedOut: () => assert.fail("still logged in") });
  await failure(client.get("/api/users/me"), "unauthenticated");
  assert.equal(tokens.get(), "new");
});

test("logOut ends the session of the token, and then no token is sent", async () => {
  const { client, requests } = stub([signedIn("one"), ok(null), ok([], {})]);
  await client.logIn(LOGIN);
  await client.logOut();
  // Without a token there is nothing to end.
  await client.logOut();
  await client.get("/api/jobs");
  assert.deepEqual(requests.slice(1).map(bearer), ["Bearer one", null]);
  assert.deepEqual([requests[1]?.method, requests[1]?.url], ["POST", `${BASE}/api/auth/logout`]);
});

test("logOut of a token that has expired is no error, and calls nothing back", async () => {
  const tokens = memoryTokens("old");
  const { client } = stub([rejected(401, "unauthenticated")], { tokens, onSignedOut: () => assert.fail("it was meant") });
  await client.logOut();
  assert.equal(tokens.get(), null);
});

test("logOut deletes the token also where the server does not respond, after repetitions", async () => {
  const tokens = memoryTokens("mine");
  const { client, requests, pauses } = stub([offline(), offline(), offline()], { tokens });
  await failure(client.logOut(), "network_failure");
  assert.equal(tokens.get(), null);
  assert.deepEqual(requests.map(bearer), ["Bearer mine", "Bearer mine", "Bearer mine"]);
  assert.equal(pauses.length, 2);
});

test("the token is not sent to another server", async () => {
  const tokens = memoryTokens("secret");
  const { client, requests } = stub([ok([]), ok([]), rejected(401, "unauthenticated"), signedIn("theirs")], { tokens });
  await client.GET("/api/jobs", { baseUrl: "http://other.test" });
  await client.GET("/api/jobs", { baseUrl: `${BASE}.other.test` });
  await client.GET("/api/users/me", { baseUrl: "http://other.test" });
  await client.POST("/api/auth/login", { baseUrl: "http://other.test", body: LOGIN });
  assert.deepEqual(requests.map(bearer), [null, null, null, null]);
  assert.equal(tokens.get(), "secret");
});

test("a redirect is not followed", async () => {
  const { client, requests } = stub([ok([], {})]);
  await client.get("/api/jobs");
  assert.equal(requests[0]?.redirect, "error");
});

test("an Authorization header of a call overrides the token, and does not delete it", async () => {
  const tokens = memoryTokens("mine");
  const { client, requests } = stub([rejected(401, "unauthenticated")], { tokens });
  await client.GET("/api/users/me", { headers: { Authorization: "Bearer other" } });
  assert.equal(bearer(requests[0]), "Bearer other");
  assert.equal(tokens.get(), "mine");
});

test("a storage may be asynchronous", async () => {
  let stored: string | null = "slow";
  const tokens = {
    get: async () => stored,
    set: async (token: string) => void (stored = token),
    clear: async () => void (stored = null),
  };
  const { client, requests } = stub([ok({}), signedIn("next"), rejected(401, "unauthenticated")], { tokens });
  await client.get("/api/users/me");
  assert.equal(bearer(requests[0]), "Bearer slow");
  await client.logIn(LOGIN);
  assert.equal(stored, "next");
  await failure(client.get("/api/users/me"), "unauthenticated");
  assert.equal(stored, null);
});

test("a storage of the browser has the token under a name", () => {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
  const tokens = storedTokens(storage);
  assert.equal(tokens.get(), null);
  tokens.set("one");
  assert.deepEqual([...items], [["repower.token", "one"]]);
  assert.equal(tokens.get(), "one");
  tokens.clear();
  assert.equal(items.size, 0);
});

test("a login or logout in another tab is told, and nothing else", (context) => {
  const page = new EventTarget();
  const scope = globalThis as { addEventListener?: unknown; removeEventListener?: unknown };
  scope.addEventListener = page.addEventListener.bind(page);
  scope.removeEventListener = page.removeEventListener.bind(page);
  context.after(() => {
    delete scope.addEventListener;
    delete scope.removeEventListener;
  });
  const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
  const told: (string | null)[] = [];
  const tell = (key: string | null, newValue: string | null, storageArea: unknown = storage) =>
    page.dispatchEvent(Object.assign(new Event("storage"), { key, newValue, storageArea }));
  const stop = storedTokens(storage).watch((token) => told.push(token));
  tell("repower.token", "theirs");
  tell("repower.token", null);
  tell("theme", "dark");
  tell("repower.token", "of another storage", {});
  tell(null, null); // the storage was cleared
  assert.deepEqual(told, ["theirs", null, null]);
  stop();
  tell("repower.token", "later");
  assert.equal(told.length, 3);
});

test("without a browser there are no other tabs", () => {
  const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
  storedTokens(storage).watch(() => assert.fail("nobody told"))();
});

test("the API may be served below a path", async () => {
  for (const baseUrl of ["http://api.test/v3", "http://api.test/v3/", "HTTP://API.test:80/v3"]) {
    const tokens = memoryTokens();
    const { client, requests } = stub([signedIn("one"), ok({})], { baseUrl, tokens });
    await client.logIn(LOGIN);
    await client.get("/api/users/me");
    assert.equal(requests[1]?.url, "http://api.test/v3/api/users/me");
    assert.equal(bearer(requests[1]), "Bearer one");
  }
});

test("an invalid URL is rejected at once", () => {
  assert.throws(() => stub([], { baseUrl: "/api" }), TypeError);
});
