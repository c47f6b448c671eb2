import { test } from "vitest";
import { Programs } from "./programs.ts";
import { NAMES as S } from "./shapes/names.ts";
import { NAMES as U } from "./users/names.ts";
import { RIGHT_SHAPES } from "./shapes/right.ts";
import { WRONG_SHAPES } from "./shapes/wrong.ts";
import { RIGHT_OF_USERS } from "./users/right.ts";
import { WRONG_OF_USERS } from "./users/wrong.ts";
test("probe", () => {
  const programs = new Programs();
  const out: string[] = [];
  const all = ([["shapes/", S, RIGHT_SHAPES, "R"], ["shapes/", S, WRONG_SHAPES, "W"], ["users/", U, RIGHT_OF_USERS, "R"], ["users/", U, WRONG_OF_USERS, "W"]] as const).flatMap(([folder, names, set, kind]) =>
    Object.entries(set).map(([name, text]) => ({ folder, kind, name, text, file: programs.add({ folder, names }, text) })));
  const count: Record<string, number> = {};
  for (const { folder, kind, name, file } of all) {
    const r = programs.reportsOf(file);
    const bad = kind === "R" ? r !== "" : r === "";
    count[folder + kind] = (count[folder + kind] ?? 0) + 1;
    if (bad) { count[folder + kind + "bad"] = (count[folder + kind + "bad"] ?? 0) + 1; out.push(`${folder} ${kind} ${name}: ${r}`); }
    else if (process.env["ALL"] && kind === "W") out.push(`ok ${folder} ${kind} ${name}: ${r}`);
    const e = programs.errorsOf(file); if (e.length > 0) out.push(`   TYPES ${folder} ${kind} ${name}: ${e.join(" | ")}`);
  }
  console.log(out.join("\n"), "\n", JSON.stringify(count));
}, 60_000);
