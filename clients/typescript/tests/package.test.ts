import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const MODULES = join(PACKAGE, "node_modules");
const USE = `
import { createClient, disciplineValues, isApiError, type Schemas } from "@repower/client";
const client = createClient({ baseUrl: "http://localhost:3000" });
export async function titles(discipline?: Schemas["Discipline"], q?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const job of client.jobs({ discipline, q })) found.push(job.title);
  return found;
}
export const fields = (thrown: unknown) => (isApiError(thrown, "validation_failed") ? thrown.details.length : 0);
// @ts-expect-error: no such discipline
titles("PAINTING");
export const all: readonly string[] = disciplineValues;
`;

let project: string;
let files: string[];

const run = (cwd: string, program: string, ...args: string[]) => execFileSync(program, args, { cwd, encoding: "utf8", stdio: "pipe" });

before(() => {
  project = mkdtempSync(join(tmpdir(), "repower-client-"));
  const [packed] = JSON.parse(run(PACKAGE, "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", project));
  files = packed.files.map((file: { path: string }) => file.path);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "front-end", private: true, type: "module" }));
  // The dependencies are installed already: no registry is needed.
  const needed = ["openapi-fetch", "openapi-typescript-helpers"].map((name) => join(MODULES, name));
  const tarball = join(project, packed.filename);
  run(project, "npm", "install", "--offline", "--install-links", "--no-audit", "--no-fund", tarball, ...needed);
});

after(() => rmSync(project, { recursive: true, force: true }));

/** Compiles a project that uses the package, including the types of the libraries. */
function compile(module: string, moduleResolution: string, more: object = {}): void {
  const lib = ["ES2022", "DOM"];
  const options = { ...more, strict: true, target: "ES2022", lib, types: [], module, moduleResolution, noEmit: true };
  writeFileSync(join(project, "use.ts"), USE);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["use.ts"] }));
  run(project, process.execPath, join(MODULES, "typescript", "bin", "tsc"), "--project", ".");
}

test("the package has the built files and the sources only", () => {
  const others = files.filter((file) => !/^(dist|src)\/[a-z]+(\.d)?\.(ts|js)(\.map)?$/.test(file));
  assert.deepEqual(others.sort(), ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json"]);
  for (const file of ["dist/index.js", "dist/index.d.ts", "dist/index.js.map", "src/index.ts"]) assert.ok(files.includes(file), file);
});

test("a plain JavaScript project imports it", () => {
  const script = `
    import * as client from "@repower/client";
    const { get, jobs } = client.createClient({ baseUrl: "http://localhost:3000" });
    console.log(Object.keys(client).sort().join(" "), typeof get, typeof jobs);
  `;
  const names = run(project, process.execPath, "--input-type=module", "--eval", script);
  assert.match(names, /^RepowerError applicationMoves applicationStatusValues .* storedTokens trustLevelValues trustValues function function\n$/);
});

test("a TypeScript project compiles with the module resolution of Node and of a bundler", () => {
  compile("NodeNext", "NodeNext");
  compile("ESNext", "Bundler");
});

test("it compiles with exactOptionalPropertyTypes", () => {
  compile("NodeNext", "NodeNext", { exactOptionalPropertyTypes: true, isolatedModules: true });
});

test("it has the version of the document", () => {
  const read = (path: string) => JSON.parse(readFileSync(join(PACKAGE, path), "utf8"));
  assert.equal(read("package.json").version, read("../../openapi.json").info.version);
});
