import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, test } from "node:test";
import {
  createClient,
  fieldErrors,
  isApiError,
  memoryTokens,
  newIdempotencyKey,
  RepowerError,
  type Client,
  type ClientSettings,
  type Schemas,
} from "@repower/client";
import { failure, offline, take } from "./support.js";

const RUN = randomUUID();
const PASSWORD = "correct horse";
const JOBS = 5;
const NOBODY = "00000000-0000-7000-8000-000000000000";

const tokens = { ana: memoryTokens(), admin: memoryTokens(), recruiter: memoryTokens() };
let ana: Client;
let admin: Client;
let recruiter: Client;
let technicianId: string;
let companyId: string;
let job: Schemas["Job"];
let application: Schemas["Application"];

function connect(settings: Partial<ClientSettings> = {}): Client {
  const baseUrl = process.env["API"];
  assert.ok(baseUrl, "API says where the server is");
  return createClient({ baseUrl, ...settings });
}

before(() => {
  ana = connect({ tokens: tokens.ana });
  admin = connect({ tokens: tokens.admin });
  recruiter = connect({ tokens: tokens.recruiter });
});

test("both sides register and have a token", async () => {
  const technician = await ana.register({
    email: `Ana-${RUN}@example.com`,
    password: PASSWORD,
    role: "TECHNICIAN",
    fullName: "Ana Ruiz",
    country: "Spain",
    primaryDiscipline: "BLADE_REPAIR",
  });
  assert.equal(technician.profile?.country, "ES");
  technicianId = technician.profile.id;

  const company = await admin.register({
    email: `hr-${RUN}@example.com`,
    password: PASSWORD,
    role: "COMPANY_ADMIN",
    companyName: "Nordwind Service",
    country: "DK",
  });
  assert.equal(company.membership?.role, "ADMIN");
  companyId = (await admin.get("/api/companies/me")).id;
  assert.equal(companyId, company.company?.id);
});

test("an email is registered once, and all invalid fields are returned together", async () => {
  const stranger = connect();
  const body = { email: `ana-${RUN}@example.com`, password: PASSWORD, role: "TECHNICIAN", fullName: "Ana", country: "ES" } as const;
  await failure(stranger.register(body), "email_taken");
  const error = await failure(stranger.register({ ...body, email: "none", password: "short" }), "validation_failed");
  assert.deepEqual(Object.keys(fieldErrors(error)).sort(), ["email", "password"]);
  assert.equal(fieldErrors(error)["password"]?.[0]?.code, "too_short");
  const wrong = await failure(stranger.logIn({ email: body.email, password: "wrong horse" }), "invalid_credentials");
  assert.equal(wrong.status, 401);
});

test("a login works with an invalid stored token", async () => {
  const mine = memoryTokens("stale");
  const client = connect({ tokens: mine });
  await client.logIn({ email: `ANA-${RUN}@example.com`, password: PASSWORD });
  assert.notEqual(mine.get(), "stale");
  assert.equal((await client.get("/api/users/me")).user.email, `ana-${RUN}@example.com`);
});

test("sessions are listed, ended and logged out of", async () => {
  const login = { email: `ana-${RUN}@example.com`, password: PASSWORD };
  const elsewhere = connect();
  await elsewhere.logIn(login);
  const sessions = await ana.get("/api/users/me/sessions");
  const others = sessions.filter((session) => !session.current);
  assert.deepEqual([sessions.length, others.length], [3, 2]);
  const body = { password: PASSWORD, ids: others.map((session) => session.id) };
  assert.deepEqual(await ana.post("/api/users/me/sessions/end", { body }), { ended: 2 });
  await failure(elsewhere.get("/api/users/me"), "unauthenticated");

  const { token } = await elsewhere.logIn(login);
  await elsewhere.logOut();
  await failure(connect({ tokens: memoryTokens(token) }).get("/api/users/me"), "unauthenticated");
});

test("the administrator invites a recruiter, who joins", async () => {
  const email = `recruiter-${RUN}@example.com`;
  const invitation = await admin.post("/api/companies/me/invitations", { body: { email, role: "RECRUITER" } });
  const pending = await take(admin.list("/api/companies/me/invitations"));
  assert.deepEqual(pending.map((one) => one.email), [email]);
  const joined = await recruiter.acceptInvitation({ token: invitation.token, password: PASSWORD });
  assert.equal(joined.user.role, "COMPANY_RECRUITER");
  const members = await take(admin.list("/api/companies/me/members", { query: { limit: 1 } }));
  assert.deepEqual(members.map((member) => member.role), ["ADMIN", "RECRUITER"]);
});

test("the technician fills in the passport", async () => {
  await ana.patch("/api/technicians/me", { body: { yearsExperience: 6, mobility: "GLOBAL", dayRateMin: 350 } });
  const skills = await ana.put("/api/technicians/me/skills", { body: { skills: [{ name: "Lamination", level: "EXPERT" }] } });
  assert.deepEqual(skills, [{ name: "Lamination", level: "EXPERT" }]);
  const body = { name: "GWO Working at Heights", provider: "Falck Safety", validFrom: "2020-01-01", validUntil: "2099-12-31" };
  const added = await ana.post("/api/technicians/me/certifications", { body });
  assert.equal(added.status, "VALID");
  const mistake = await ana.post("/api/technicians/me/certifications", { body: { ...body, name: "Mistake" } });
  const nothing = await ana.delete("/api/technicians/me/certifications/{id}", { path: { id: mistake.id } });
  assert.equal(nothing, null);
  const passport = await ana.get("/api/technicians/me/passport");
  assert.deepEqual(passport.certifications.map((one) => one.name), ["GWO Working at Heights"]);
  assert.equal(passport.summary.averageRating, null);
  const { data: svg } = await ana.GET("/api/technicians/me/passport/timeline.svg", { parseAs: "text" });
  assert.match(svg ?? "", /^<svg .*GWO Working at Heights.*<\/svg>$/);
});

test("a draft is visible to its company only, and then opened", async () => {
  const body = {
    title: `Blade repair ${RUN}`,
    description: "Leading edges of 20 turbines",
    location: "Esbjerg",
    discipline: "BLADE_REPAIR",
    contractType: "DAY_RATE",
    dayRateFrom: 380,
    dayRateTo: 450,
    startDate: "2027-03-01",
  } as const;
  const draft = await recruiter.post("/api/jobs", { body });
  assert.equal(draft.status, "DRAFT");
  const path = { id: draft.id };
  const hidden = await failure(ana.get("/api/jobs/{id}", { path }), "not_found");
  assert.match(hidden.requestId ?? "", /./);
  job = await recruiter.patch("/api/jobs/{id}/status", { path, body: { status: "OPEN" } });
  assert.equal(job.status, "OPEN");
  await failure(recruiter.patch("/api/jobs/{id}/status", { path, body: { status: "DRAFT" } }), "invalid_transition");
  await failure(ana.post("/api/jobs", { body }), "forbidden");
  for (let number = 2; number <= JOBS; number += 1) {
    await recruiter.post("/api/jobs", { body: { ...body, title: `Job ${number} ${RUN}`, status: "OPEN" } });
  }
});

test("the search returns all jobs over several pages, each once", async () => {
  const list = connect().jobs({ companyId, discipline: "BLADE_REPAIR", q: "esbjerg", limit: 2 });
  const found = await take(list);
  assert.equal(found.length, JOBS);
  assert.equal(new Set(found.map((one) => one.id)).size, JOBS);
  const { description: summary, ...rest } = job;
  assert.deepEqual(found.at(-1), { ...rest, summary });
  const pages = await take(list.pages());
  assert.deepEqual(pages.map((page) => page.data.length), [2, 2, 1]);
  const [cursor] = pages.map((page) => page.meta.nextCursor);
  const other = take(ana.jobs({ companyId, cursor: cursor ?? "", location: "elsewhere" }));
  await failure(other, "invalid_cursor");
});

test("a known response is not sent again", async () => {
  const path = { id: job.id };
  const first = await connect().GET("/api/jobs/{id}", { params: { path } });
  assert.equal(first.data?.data.id, job.id);
  const etag = first.response.headers.get("ETag") ?? "";
  const again = await connect().GET("/api/jobs/{id}", { params: { path, header: { "If-None-Match": etag } } });
  assert.equal(again.response.status, 304);
  assert.equal(again.data ?? again.error, undefined);
});

test("the company finds the technician", async () => {
  const query = { discipline: "BLADE_REPAIR", certification: "heights", q: "lamination", limit: 1 } as const;
  const found = await take(recruiter.technicians(query));
  assert.deepEqual(found.filter((one) => one.id === technicianId).map((one) => one.fullName), ["Ana Ruiz"]);
  await failure(take(ana.technicians()), "forbidden");
});

test("an application with a lost response is repeated and stored once", async () => {
  const replayed: (string | null)[] = [];
  const unlucky = connect({
    tokens: tokens.ana,
    wait: async () => {},
    fetch: async (request) => {
      const response = await fetch(request);
      replayed.push(response.headers.get("Idempotency-Replayed"));
      if (replayed.length === 1) throw offline();
      return response;
    },
  });
  const path = { id: job.id };
  const body = { messageToCompany: "I can start on the first day." };
  application = await unlucky.post("/api/jobs/{id}/applications", { path, body, idempotencyKey: newIdempotencyKey() });
  assert.deepEqual(replayed, [null, "true"]);
  await failure(ana.post("/api/jobs/{id}/applications", { path, body }), "already_applied");
  const applicants = await take(recruiter.list("/api/jobs/{id}/applications", { path, query: { status: "APPLIED" } }));
  assert.deepEqual(applicants.map((one) => one.technician.fullName), ["Ana Ruiz"]);
});

test("the messages of one side are read by the other in order, each once", async () => {
  const thread = await ana.post("/api/chat/threads", { body: { companyId, jobId: job.id, text: "text 1" } });
  const path = { id: thread.id };
  const statuses: number[] = [];
  const controller = new AbortController();
  let sent = 1;
  // The recruiter writes in the pauses of the technician: after nothing new, one message, then three at once.
  const watching = connect({
    tokens: tokens.ana,
    fetch: async (request) => {
      const response = await fetch(request);
      statuses.push(response.status);
      return response;
    },
    wait: async (_, signal) => {
      signal?.throwIfAborted();
      assert.ok(statuses.length < 8, `too many requests: ${statuses}`);
      if (statuses.at(-1) !== 304) return;
      for (let count = sent === 1 ? 1 : 3; count > 0; count -= 1) {
        sent += 1;
        const body = { text: `text ${sent}`, clientMessageId: `message ${sent}` };
        await recruiter.post("/api/chat/threads/{id}/messages", { path, body });
      }
    },
  });
  const read: string[] = [];
  for await (const message of watching.pollThread(thread.id, { limit: 2, signal: controller.signal })) {
    read.push(`${message.seq} ${message.senderType} ${message.text}`);
    if (message.seq === 5) controller.abort();
  }
  const written = [2, 3, 4, 5].map((seq) => `${seq} COMPANY text ${seq}`);
  assert.deepEqual(read, ["1 TECHNICIAN text 1", ...written]);
  // The first message; nothing, with an ETag; nothing new; the second; the same again; three in two parts.
  assert.deepEqual(statuses, [200, 200, 304, 200, 200, 304, 200, 200]);
  assert.deepEqual(await ana.post("/api/chat/threads/{id}/read", { path, body: { seq: 5 } }), { unreadCount: 0 });
  const [newest] = await take(recruiter.list("/api/chat/threads"), 1);
  assert.equal(newest?.lastMessage?.text, "text 5");
});

test("an unknown thread is an error, and the poll ends", async () => {
  await failure(take(ana.pollThread(NOBODY)), "not_found");
});

test("the company chooses, and the technician accepts", async () => {
  const path = { id: application.id };
  await failure(ana.patch("/api/applications/{id}/status", { path, body: { status: "ACCEPTED" } }), "invalid_transition");
  for (const status of ["SHORTLISTED", "OFFERED"] as const) {
    const moved = await recruiter.patch("/api/applications/{id}/status", { path, body: { status } });
    assert.equal(moved.status, status);
  }
  await ana.patch("/api/applications/{id}/status", { path, body: { status: "ACCEPTED" } });
  const { history } = await ana.get("/api/applications/{id}", { path });
  assert.deepEqual(
    history.map((step) => `${step.by} ${step.to}`),
    ["TECHNICIAN APPLIED", "COMPANY SHORTLISTED", "COMPANY OFFERED", "TECHNICIAN ACCEPTED"],
  );
});

test("the company evaluates, and the passport shows the average", async () => {
  const path = { id: technicianId };
  await failure(
    recruiter.post("/api/technicians/{id}/evaluations", { path, body: { jobId: NOBODY, rating: 4 } }),
    "not_found",
  );
  await recruiter.post("/api/technicians/{id}/evaluations", { path, body: { jobId: job.id, rating: 4 } });
  const again = recruiter.post("/api/technicians/{id}/evaluations", { path, body: { jobId: job.id, rating: 5 } });
  await failure(again, "already_evaluated");
  const { summary } = await ana.get("/api/technicians/me/passport");
  assert.deepEqual([summary.averageRating, summary.evaluationCount], [4, 1]);
  const dashboard = await admin.get("/api/companies/me/dashboard");
  assert.equal(dashboard.applications.accepted, 1);
});

test("a new password invalidates all earlier tokens", async () => {
  let signedOut = 0;
  const stored = memoryTokens(await tokens.ana.get());
  const second = connect({ tokens: stored, onSignedOut: () => (signedOut += 1) });
  await second.get("/api/users/me");
  await ana.changePassword({ currentPassword: PASSWORD, newPassword: "correcter horse" });
  assert.equal((await ana.get("/api/users/me")).profile?.id, technicianId);
  const thrown = await failure(second.get("/api/users/me"), "unauthenticated");
  assert.ok(isApiError(thrown, "unauthenticated"));
  assert.equal(stored.get(), null);
  assert.equal(signedOut, 1);
});

test("a key is valid for one request", async () => {
  const idempotencyKey = newIdempotencyKey();
  const invite = (email: string) =>
    admin.post("/api/companies/me/invitations", { body: { email, role: "VIEWER" }, idempotencyKey });
  await invite(`first-${RUN}@example.com`);
  await failure(invite(`second-${RUN}@example.com`), "idempotency_mismatch");
});

test("without a server each call is a network_failure", async () => {
  const client = createClient({ baseUrl: "http://127.0.0.1:1", wait: async () => {} });
  const error = await failure(client.get("/api/jobs"), "network_failure");
  assert.ok(error instanceof RepowerError && error.cause instanceof TypeError);
});
