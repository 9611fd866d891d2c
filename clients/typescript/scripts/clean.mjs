// clean.mjs FOLDER: removes what was built, so that nothing of a file that is gone stays.
import { rmSync } from "node:fs";
import { argv } from "node:process";

const [folder] = argv.slice(2);
if (folder === undefined) throw new Error("usage: clean.mjs FOLDER");
rmSync(new URL(`../${folder}`, import.meta.url), { recursive: true, force: true });
