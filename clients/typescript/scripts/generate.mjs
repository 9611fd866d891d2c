// generate.mjs [--check]: writes what follows from ../../openapi.json: src/schema.ts, the types of the document, and
// src/document.ts, what has a name in it. With --check, reports a file that is not up to date instead.
import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import openapi, { astToString, COMMENT_HEADER } from "openapi-typescript";
import ts from "typescript";

const at = (path) => new URL(path, import.meta.url);
const document = JSON.parse(readFileSync(at("../../../openapi.json"), "utf8"));
const kinds = new Set();

/** The type of an id is that of its kind. */
function transform({ type, "x-id": kind }) {
  if (kind === undefined) return undefined;
  kinds.add(kind);
  const name = ts.factory.createLiteralTypeNode(ts.factory.createStringLiteral(kind));
  const id = ts.factory.createTypeReferenceNode("Id", [name]);
  const isNullable = Array.isArray(type) && type.includes("null");
  return isNullable ? ts.factory.createUnionTypeNode([id, ts.factory.createLiteralTypeNode(ts.factory.createNull())]) : id;
}

const inject = 'import type { Id } from "./ids.js";\n';
const types = COMMENT_HEADER + astToString(await openapi(document, { enumValues: true, transform, inject }));

const moves = document["x-application-moves"];
const names = Object.keys(document.components.schemas);
const twice = names.filter((name) => kinds.has(name));
if (twice.length > 0) throw new Error(`an id and a schema have the same name: ${twice}`);
const named = `// Generated from openapi.json by scripts/generate.mjs. Do not edit.

import type { Id } from "./ids.js";
import type { Schemas } from "./operations.js";

${[...kinds].sort().map((kind) => `export type ${kind} = Id<"${kind}">;`).join("\n")}

${names.sort().map((name) => `export type ${name} = Schemas["${name}"];`).join("\n")}

/** The statuses that a side may set, by the current status of an application. */
export const applicationMoves: Readonly<Record<Side, Readonly<Record<ApplicationStatus, readonly ApplicationStatus[]>>>> =
  ${JSON.stringify(moves, null, 2).replaceAll("\n", "\n  ")};
`;

for (const [path, made] of Object.entries({ "../src/schema.ts": types, "../src/document.ts": named })) {
  if (!argv.includes("--check")) writeFileSync(at(path), made);
  else if (readFileSync(at(path), "utf8") !== made) throw new Error(`${path.slice(3)} is not up to date: npm run generate`);
}
