// Each expected error of the compiler must occur: an unused expectation is an error.
import {
  applicationMoves,
  isApiError,
  isTransportError,
  type Client,
  type Discipline,
  type Job,
  type JobId,
  type ListQuery,
  type PageMeta,
  type PostJobBody,
  type Row,
  type Schemas,
  type TechnicianId,
} from "@repower/client";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<T extends true>(): T | undefined {
  return undefined;
}

const job = {
  title: "Blade repair",
  description: "Leading edges",
  location: "Esbjerg",
  discipline: "BLADE_REPAIR",
  contractType: "DAY_RATE",
  startDate: "2027-03-01",
} as const;
const id = "00000000-0000-7000-8000-000000000000";

export async function bodies(client: Client) {
  await client.post("/api/jobs", { body: job });
  // @ts-expect-error: no such discipline
  await client.post("/api/jobs", { body: { ...job, discipline: "PAINTING" } });
  // @ts-expect-error: no such field
  await client.post("/api/jobs", { body: { ...job, titel: "Blade repair" } });
  // @ts-expect-error: required fields are missing
  await client.post("/api/jobs", { body: { title: "Blade repair" } });
  // @ts-expect-error: a body is missing
  await client.post("/api/jobs");
  // @ts-expect-error: not nullable
  await client.patch("/api/jobs/{id}", { path: { id }, body: { title: null } });
  await client.patch("/api/jobs/{id}", { path: { id }, body: { endDate: null } });
  // @ts-expect-error: a status that a job has, but not one that it can be made with
  await client.post("/api/jobs", { body: { ...job, status: "CLOSED" } });
  // @ts-expect-error: a GET has no body
  await client.get("/api/users/me", { body: {} });
}

export async function paths(client: Client) {
  // @ts-expect-error: no such path
  await client.get("/api/job");
  // @ts-expect-error: no such method
  await client.delete("/api/jobs/{id}", { path: { id } });
  // @ts-expect-error: the id is missing
  await client.get("/api/jobs/{id}");
  // @ts-expect-error: the id has another name
  await client.get("/api/jobs/{id}", { path: { jobId: id } });
  // @ts-expect-error: no such option
  await client.get("/api/users/me", { querry: {} });
  // @ts-expect-error: the document has no envelope
  await client.get("/api/openapi.json");
  await client.GET("/api/openapi.json");
  // @ts-expect-error: nor has a picture
  await client.get("/api/technicians/me/passport/timeline.svg");
  const { data } = await client.GET("/api/technicians/me/passport/timeline.svg", { parseAs: "text" });
  holds<Equal<typeof data, string | undefined>>();
}

/** With `exactOptionalPropertyTypes`, as here, an undefined field is not an absent one. */
export async function undefinedIsAbsent(client: Client, text: string | undefined, rate: number | undefined, on: boolean) {
  const discipline = on ? "BLADE_REPAIR" : undefined;
  client.jobs({ q: text, discipline, dayRateMin: rate, cursor: text });
  client.technicians({ q: text, discipline });
  client.list("/api/jobs/{id}/applications", { path: { id }, query: { limit: rate, status: on ? "APPLIED" : undefined } });
  await client.get("/api/jobs", { query: { q: text } });
  await client.get("/api/jobs", { query: on ? {} : undefined });
  await client.GET("/api/jobs", { params: { query: { q: text }, header: { "If-None-Match": text } } });
  await client.post("/api/jobs", { body: { ...job, currency: text, dayRateFrom: rate, endDate: text }, idempotencyKey: text });
  await client.POST("/api/jobs", { body: { ...job, currency: text } });
  await client.patch("/api/technicians/me", { body: { bio: text, availabilityFrom: on ? null : undefined } });
  await client.post("/api/chat/threads", { body: { companyId: id, jobId: text, text } });
  await client.register({ email: "e", password: "p", role: "TECHNICIAN", fullName: "Ana", country: "ES", yearsExperience: rate });
  const body: Schemas["PostJobBody"] = { ...job, projectName: text };
  await client.post("/api/jobs", { body });
  // @ts-expect-error: a required field is not undefined
  await client.post("/api/jobs", { body: { ...job, title: text } });
  // @ts-expect-error: nor is an item of an array
  await client.put("/api/technicians/me/skills", { body: { skills: [undefined] } });
  // @ts-expect-error: nor is a path parameter
  await client.get("/api/jobs/{id}", { path: { id: text } });
  // @ts-expect-error: nor in the raw client
  await client.GET("/api/jobs/{id}", { params: { path: { id: text } } });
  // @ts-expect-error: undefined is not null
  await client.patch("/api/jobs/{id}", { path: { id }, body: { title: on ? null : undefined } });
}

/** A plain string is any id; the id of a resource is one of its kind only. */
export async function ids(client: Client, found: Job, technicianId: TechnicianId) {
  await client.get("/api/jobs/{id}", { path: { id: found.id } });
  client.jobs({ companyId: found.companyId });
  const text: string = found.id;
  const known = new Map<JobId, Job>([[found.id, found]]);
  known.get(text);
  // @ts-expect-error: the id of a technician
  await client.get("/api/jobs/{id}", { path: { id: technicianId } });
  // @ts-expect-error: nor in a query
  client.jobs({ companyId: found.id });
  // @ts-expect-error: nor in a body
  await client.post("/api/chat/threads", { body: { companyId: found.companyId, jobId: found.companyId } });
  // @ts-expect-error: nor of a thread
  client.pollThread(found.id);
}

export function names(client: Client, found: Job) {
  holds<Equal<Job, Schemas["Job"]>>();
  holds<Equal<PostJobBody, Schemas["PostJobBody"]>>();
  const discipline: Discipline = found.discipline;
  const query: ListQuery<"/api/jobs"> = { discipline, limit: 50 };
  client.jobs(query);
  // @ts-expect-error: no such filter
  const wrong: ListQuery<"/api/jobs"> = { disciplin: discipline };
  return applicationMoves.COMPANY.APPLIED.includes("OFFERED") ? query : wrong;
}

export async function wholeResponses(client: Client) {
  const jobs = await client.request("get", "/api/jobs", { query: { limit: 5 } });
  holds<Equal<typeof jobs.meta, PageMeta>>();
  holds<Equal<typeof jobs.data, Schemas["ListedJob"][]>>();
  const me = await client.request("get", "/api/users/me");
  holds<Equal<typeof me.meta, undefined>>();
  // @ts-expect-error: no such method
  await client.request("delete", "/api/jobs/{id}", { path: { id } });
}

export async function registration(client: Client) {
  const both = { email: "ana@example.com", password: "correct horse", country: "Spain" };
  await client.register({ ...both, role: "TECHNICIAN", fullName: "Ana Ruiz" });
  await client.register({ ...both, role: "COMPANY_ADMIN", companyName: "Nordwind" });
  // @ts-expect-error: a field of the other role
  await client.register({ ...both, role: "TECHNICIAN", fullName: "Ana Ruiz", companyName: "Nordwind" });
  // @ts-expect-error: not a role of a registration
  await client.register({ ...both, role: "SUPER_ADMIN", fullName: "Ana Ruiz" });
  // @ts-expect-error: the name is missing
  await client.register({ ...both, role: "TECHNICIAN" });
}

export async function keys(client: Client) {
  await client.post("/api/jobs", { body: job, idempotencyKey: "k" });
  // @ts-expect-error: a login takes no key
  await client.post("/api/auth/login", { body: { email: "e", password: "p" }, idempotencyKey: "k" });
  // @ts-expect-error: nor does a change
  await client.patch("/api/jobs/{id}", { path: { id }, body: {}, idempotencyKey: "k" });
}

export async function lists(client: Client) {
  for await (const row of client.jobs({ discipline: "BLADE_REPAIR", limit: 10 })) holds<Equal<typeof row, Schemas["ListedJob"]>>();
  for await (const row of client.list("/api/jobs/{id}/applications", { path: { id }, query: { status: "APPLIED" } })) {
    holds<Equal<typeof row, Schemas["Applicant"]>>();
  }
  for await (const page of client.list("/api/companies/me/members").pages()) {
    holds<Equal<typeof page.data, Schemas["Member"][]>>();
  }
  holds<Equal<Row<"/api/technicians">, Schemas["RatedTechnician"]>>();
  const all = await client.jobs().toArray({ max: 10 });
  holds<Equal<typeof all, Schemas["ListedJob"][]>>();
  // @ts-expect-error: a list is not a promise, and awaiting it returns no array
  (await client.jobs()).length;
  // @ts-expect-error: nor is one of a path
  (await client.list("/api/companies/me/members")).map;
  // @ts-expect-error: no such discipline
  client.jobs({ discipline: "PAINTING" });
  // @ts-expect-error: no such filter
  client.jobs({ disciplin: "BLADE_REPAIR" });
  // @ts-expect-error: the id of the job is missing
  client.list("/api/jobs/{id}/applications");
  // @ts-expect-error: a single resource is not a list
  client.list("/api/users/me");
  // @ts-expect-error: nor is a passport
  client.list("/api/technicians/{id}/passport", { path: { id } });
  // @ts-expect-error: messages are paged by seq
  client.list("/api/chat/threads/{id}/messages", { path: { id } });
  // @ts-expect-error: skills are returned as a whole
  client.list("/api/technicians/me/skills");
}

export async function responses(client: Client) {
  const found = await client.get("/api/jobs/{id}", { path: { id } });
  holds<Equal<typeof found, Schemas["FoundJob"]>>();
  // @ts-expect-error: may be null
  found.projectName.length;
  const nothing = await client.delete("/api/technicians/me/certifications/{id}", { path: { id } });
  holds<Equal<typeof nothing, null>>();
  const thread = await client.post("/api/chat/threads", { body: { companyId: id } });
  holds<Equal<typeof thread, Schemas["ChatThread"]>>();
}

export async function results(client: Client) {
  const { data, error, response } = await client.GET("/api/jobs", { params: { query: { limit: 5 } } });
  holds<Equal<typeof response, Response>>();
  if (error) holds<Equal<typeof error.code, "validation_failed" | "invalid_cursor" | "unauthenticated" | "forbidden" | "internal" | "database_unavailable" | "overloaded">>();
  else if (data) holds<Equal<typeof data.meta.nextCursor, string | null>>();
  else holds<Equal<typeof data, undefined>>();

  const made = await client.POST("/api/jobs", { body: job });
  if (made.error) {
    // @ts-expect-error: this operation has no such error
    made.error.code === "email_taken";
    if (made.error.code === "validation_failed") holds<Equal<typeof made.error.details, Schemas["FieldError"][]>>();
  } else holds<Equal<typeof made.data.data, Schemas["Job"]>>();
  // @ts-expect-error: no such field
  await client.POST("/api/jobs", { body: { ...job, titel: "Blade repair" } });
  // @ts-expect-error: no such filter
  await client.GET("/api/jobs", { params: { query: { disciplin: "BLADE_REPAIR" } } });
  // @ts-expect-error: no such option
  await client.GET("/api/jobs", { query: {} });
}

export function errors(thrown: unknown) {
  if (isApiError(thrown, "validation_failed")) {
    holds<Equal<typeof thrown.details, Schemas["FieldError"][]>>();
    holds<Equal<typeof thrown.code, "validation_failed">>();
  }
  if (isApiError(thrown, "not_found", "forbidden")) holds<Equal<typeof thrown.code, "not_found" | "forbidden">>();
  // @ts-expect-error: no such code
  isApiError(thrown, "not_fonud");
  if (isApiError(thrown)) {
    switch (thrown.code) {
      case "validation_failed":
        return thrown.details.map((detail) => detail.field);
      case "not_found":
        // @ts-expect-error: there is no field beside the code
        return thrown.details.length;
      // @ts-expect-error: no such code
      case "network_failure":
        return [];
      default:
        return [thrown.error.message];
    }
  }
  if (isTransportError(thrown) && thrown.code === "unexpected_answer") return [thrown.details.excerpt];
  return [];
}
