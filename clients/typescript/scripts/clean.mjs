// clean.mjs FOLDER: removes the built files, including those of deleted sources.
import { rmSync } from "node:fs";
import { argv } from "node:process";

const [folder] = argv.slice(2);
if (folder === undefined) throw new Error("usage: clean.mjs FOLDER");
rmSync(new URL(`../${folder}`, import.meta.url), { recursive: true, force: true });
