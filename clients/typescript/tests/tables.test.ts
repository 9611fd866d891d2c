// The tables of the README agree with the document.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { applicationMoves, applicationStatusValues } from "@repower/client";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = read("../README.md");
const { components, paths } = JSON.parse(read("../../../openapi.json"));

const words = (cell = ""): string[] => cell.match(/\w{2,}/g) ?? [];
const statuses = (cell?: string) => applicationStatusValues.filter((status) => words(cell).includes(status));
const sorted = <T>(values: readonly T[]) => [...values].sort();

/** The rows of the table that follows a heading, cell by cell. */
function table(heading: string): string[][] {
  const [, section = ""] = readme.split(`\n${heading}\n`);
  const [rows = ""] = /^(\|.*\n)+/m.exec(section) ?? [];
  return rows.trim().split("\n").slice(2).map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}

test("the table of codes has the codes and statuses of the document", () => {
  const listed = table("### The codes").map(([code, status]) => `${status} ${code?.replaceAll("`", "")}`);
  const known = components.schemas.ApiError.oneOf.map(({ $ref }: { $ref: string }) => {
    const { description, properties } = components.schemas[$ref.split("/").at(-1) ?? ""];
    return `${description.slice(0, 3)} ${properties.code.enum[0]}`;
  });
  assert.deepEqual(sorted(listed), sorted(known));
});

test("the table of field codes has the codes of the document", () => {
  const listed = table("### The codes of fields").map(([code]) => code?.replaceAll("`", ""));
  assert.deepEqual(sorted(listed), sorted(components.schemas.FieldCode.enum));
});

test("the table of status changes agrees with the document", () => {
  const moves = (side: string, from = "", to = "") =>
    statuses(from).flatMap((one) => statuses(to).map((other) => `${side} ${one} ${other}`));
  const rows = table("### Allowed status changes");
  assert.deepEqual(sorted(rows.flatMap(([from]) => statuses(from))), sorted(applicationStatusValues));
  const listed = rows.flatMap(([from, company, technician]) => [
    ...moves("company", from, company),
    ...moves("technician", from, technician),
  ]);

  // "The company: APPLIED to SHORTLISTED or REJECTED; … The technician: …"
  const { description } = paths["/api/applications/{id}/status"].patch;
  const known = [...description.matchAll(/The (company|technician): ([^.]*)\./g)].flatMap(([, side, rules]) =>
    rules.split(";").flatMap((rule: string) => {
      const [from, to] = rule.split(" to ");
      return moves(side, from, to);
    }),
  );
  const exported = Object.entries(applicationMoves).flatMap(([side, moves]) =>
    Object.entries(moves).flatMap(([from, to]) => to.map((one) => `${side.toLowerCase()} ${from} ${one}`)),
  );
  assert.equal(known.length, 11);
  assert.deepEqual(sorted(exported), sorted(known));
  assert.deepEqual(sorted(listed), sorted(known));
});

test("the table of bodies has the bodies and calls of the document", () => {
  const rows = table("### The bodies by name");
  const listed = rows.map(([call, names]) => ({ call: call?.replaceAll("`", ""), names: words(names) }));
  for (const { call = "", names } of listed) {
    const [method = "", path = ""] = call.split(" ");
    const body = JSON.stringify(paths[path]?.[method.toLowerCase()]?.requestBody ?? null);
    const known = new Set([...body.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
    assert.deepEqual(sorted(names), sorted([...known]), call);
  }
  // Entries of the lists in bodies.
  const parts = new Set(["PeriodBody", "RequirementBody", "SkillBody"]);
  const known = Object.keys(components.schemas).filter((name) => name.endsWith("Body") && !parts.has(name));
  assert.deepEqual(sorted(listed.flatMap(({ names }) => names)), sorted(known));
});
