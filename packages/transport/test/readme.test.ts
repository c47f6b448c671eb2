import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REFUSALS } from "../src/tls/connection/control.ts";

const folder = join(import.meta.dirname, "..");

/** Calls that end or refuse a connection, with the reason as text. */
const REASON = /(?:\.close|(?<!reader\.)\bfail|#turnAway|#lose|\.refused|#end)\([^;]*?"([a-z-]+)"(?: : "([a-z-]+)")?\)?/g;

test("every reason for which a connection is refused or ends is in the README", () => {
  const files = readdirSync(join(folder, "src", "tls"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const sources = files.map((file) => readFileSync(join(folder, "src", "tls", file), "utf8"));
  const inSources = sources.flatMap((text) => [...text.matchAll(REASON)].flatMap(([, one, other]) => [one, other])).filter((reason) => reason !== undefined);
  const reasons = new Set([...inSources, ...REFUSALS.map((reason) => `refused-${reason}`)]);
  expect([...reasons]).toEqual(expect.arrayContaining(["accept", "silence", "replaced", "peer-removed", "no-key", "closed-in-handshake", "too-many-strangers"]));
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  expect([...reasons].filter((reason) => !readme.includes(`\`${reason}\``))).toEqual([]);
});
