// Writes the TypeScript of the README into tests/readme.ts, for the compiler to check. Each block becomes a function.
// The values that the blocks assume (a client, some ids) are declared above them, and the imports are merged.
import { readFileSync, writeFileSync } from "node:fs";

const GIVEN = [
  'declare const client: import("@repower/client").Client;',
  "declare const jobId: string, threadId: string;",
  "declare const form: { showError(field: string, message: string): void };",
  "declare function show(...what: unknown[]): void;",
];
const IMPORT = /^import [^;]*;\n/gm;

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => match[1]);
if (blocks.length === 0) throw new Error("the README has no TypeScript");

// Module → imported names, each once.
const imports = new Map();
for (const line of blocks.flatMap((block) => block.match(IMPORT) ?? [])) {
  const [, only, names, from] = /^import (type )?\{([^}]*)\} from "(.*)";/.exec(line) ?? [];
  if (from === undefined) throw new Error(`not an import by names: ${line}`);
  const known = imports.get(from) ?? new Set();
  for (const name of names.split(",")) known.add(`${only ?? ""}${name.trim()}`);
  imports.set(from, known);
}
const gathered = [...imports].map(([from, names]) => `import { ${[...names].join(", ")} } from "${from}";`);
const functions = blocks.map((block, index) => `export async function block${index + 1}() {\n${block.replace(IMPORT, "")}}\n`);
writeFileSync(new URL("../tests/readme.ts", import.meta.url), [...gathered, ...GIVEN, ...functions].join("\n"));
