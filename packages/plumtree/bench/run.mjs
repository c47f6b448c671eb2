/** `npm run bench` compares with flooding and direct sends; `npm run bench -- NAME [NODES] [SEED...]` counts one bar. */
import { runBar } from "./bars.mjs";

const [name, ...rest] = process.argv.slice(2);
if (name === undefined) await import("./bench.mjs");
else runBar(name, rest);
