import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");
const COMMAND = join(import.meta.dirname, "..", "bin", "macaroons.js");
const scratch = mkdtempSync(join(tmpdir(), "void-macaroons-"));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(file: string, given: readonly string[], input = ""): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [file, ...given], (error, out, err) => resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }));
    child.stdin?.end(input);
  });
}

const macaroons = (given: readonly string[], input?: string): Promise<Ran> => run(COMMAND, given, input);

test("mints, narrows, inspects, verifies and explains, from files and the standard input", async () => {
  const key = join(scratch, "key");
  writeFileSync(key, `${"07".repeat(32)}\n`);
  const minted = await macaroons(["mint", "--key", key, "--caveat", "time < 2000", "--memo", "demo"]);
  expect(minted).toMatchObject({ code: 0, err: "" });
  const narrowed = await macaroons(["attenuate", "--caveat", "operation in read", "--json"], minted.out);
  const { token }: { readonly token: string } = JSON.parse(narrowed.out);
  const file = join(scratch, "token");
  writeFileSync(file, token);
  const [inspected, verified, refused, explained, piped] = await Promise.all([
    macaroons(["inspect", "--token", file]),
    macaroons(["verify", "--token", file, "--key", key, "--operation", "read", "--time", "1970-01-01T00:00:01Z"]),
    macaroons(["verify", "--token", file, "--key", key, "--operation", "read", "--json"]),
    macaroons(["explain", "--token", file, "--key", key, "--operation", "write", "--time", "1"]),
    macaroons(["verify", "--token", file, "--key", "-", "--operation", "read", "--time", "1"], "07".repeat(32)),
  ]);
  expect(inspected?.out).toContain("memo    demo");
  expect(verified).toEqual({ code: 0, out: "accepted\n", err: "" });
  expect([refused?.code, JSON.parse(refused?.out ?? "")]).toEqual([1, { ok: false, reason: "expired" }]);
  expect([explained?.code, explained?.out.split("\n")[0]]).toEqual([1, "refused: wrong-operation"]);
  expect(piped?.code).toBe(0);
});

test("says what is wrong with a command, and shows no token in it", async () => {
  const wrong = [[], ["fly"], ["mint"], ["mint", "--key", "/nowhere"], ["inspect", "--key", "x"], ["verify", "--key", "-"], ["attenuate"], ["--nonsense"], ["mint", "--key", "-", "--format", "v3"]];
  const runs = await Promise.all(wrong.map((given) => macaroons(given, "AgEsecret")));
  for (const { code, out, err } of runs) {
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^macaroons: .+\nTry --help\.\n$/u);
    expect(err).not.toContain("AgEsecret");
  }
  expect((await macaroons(["--help"])).out).toContain("Usage:");
});

test("the example of a file share does what its README says", async () => {
  const { code, out } = await run(join(root, "examples", "file-share", "file-share.mjs"), []);
  expect(code).toBe(0);
  expect(out.split("\n").map((line) => line.slice(27))).toEqual([
    "200 a photo of a lighthouse",
    "200 dear diary",
    "200 a photo of a lighthouse",
    "403 wrong-resource",
    "401",
    "401 revoked",
    "200 a photo of a lighthouse",
    "",
  ]);
});
