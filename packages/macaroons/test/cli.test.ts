import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ed25519, importKey } from "@void-system/crypto";
import { toHex } from "@void-system/bytes";
import { afterAll, expect, test, vi } from "vitest";
import { main } from "../src/cli.ts";
import { MacaroonFactory, PublicToken } from "../src/index.ts";

const scratch = mkdtempSync(join(tmpdir(), "void-macaroons-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function macaroons(...given: readonly string[]): Ran {
  const written = { out: "", err: "" };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => ((written.out += String(text)), true)),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => ((written.err += String(text)), true)),
  ];
  try {
    return { code: main(given), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const key = file("key", `${"ab".repeat(32)}\n`);

test("mints, narrows, inspects, verifies and explains", () => {
  const minted = macaroons("mint", "--key", key, "--caveat", "time < 2000", "--memo", "demo");
  expect(minted).toMatchObject({ code: 0, err: "" });
  const narrowed = macaroons("attenuate", "--token", file("minted", minted.out), "--caveat", "operation in read", "--json");
  const { token }: { readonly token: string } = JSON.parse(narrowed.out);
  const narrower = file("narrower", token);
  const asking = ["--token", narrower, "--key", key, "--operation", "read"];
  expect(macaroons("inspect", "--token", narrower).out).toContain("memo    demo");
  expect(macaroons("verify", ...asking, "--time", "1970-01-01T00:00:01Z")).toEqual({ code: 0, out: "accepted\n", err: "" });
  const refused = macaroons("verify", ...asking, "--json");
  expect([refused.code, JSON.parse(refused.out)]).toEqual([1, { ok: false, reason: "expired" }]);
  const explained = macaroons("explain", "--token", narrower, "--key", key, "--operation", "write", "--time", "1");
  expect([explained.code, explained.out.split("\n")[0]]).toEqual([1, "refused: wrong-operation"]);
});

test("help is an option, and a command", () => {
  expect(macaroons("help")).toEqual(macaroons("--help"));
  expect(macaroons("help")).toMatchObject({ code: 0, err: "" });
  expect(macaroons()).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/^macaroons: the command line: expected one command out of mint, .*, got none/u) });
});

test("a key is the same in capitals, and in base64", () => {
  const token = file("token", macaroons("mint", "--key", key).out);
  const bytes = Buffer.alloc(32, 0xab);
  for (const text of ["AB".repeat(32), bytes.toString("base64"), bytes.toString("base64url")]) {
    expect(macaroons("verify", "--token", token, "--key", file("same", text)).out).toBe("accepted\n");
  }
});

test("the issuer's public key accepts public tokens, and no macaroon that was minted under it", () => {
  const signer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
  const issuer = file("issuer", toHex(signer.publicKey));
  const shown = file("shown", PublicToken.mint(signer).seal().encode());
  expect(macaroons("verify", "--token", shown, "--issuer", issuer)).toMatchObject({ code: 0, out: "accepted\n" });
  const forged = file("forged", new MacaroonFactory(signer.publicKey).mint().encode());
  expect(macaroons("verify", "--token", forged, "--issuer", issuer)).toMatchObject({ code: 2, out: "" });
  expect(macaroons("verify", "--token", shown, "--key", issuer)).toMatchObject({ code: 2, out: "" });
});

test("says what is wrong with a command, and shows no token in it", () => {
  const secret = file("secret", "AgEsecret");
  const wrong = [
    [], ["fly"], ["mint"], ["mint", "--key", "/nowhere"], ["mint", "--key", key, "--format", "v3"], ["inspect", "--key", key], ["attenuate"], ["--nonsense"],
    ["inspect", "--token", secret], ["verify", "--token", secret, "--key", key], ["verify", "--token", secret, "--issuer", key], ["verify", "--token", secret],
    ["verify", "--token", "-", "--key", "-"], ["verify", "--token", secret, "--key", key, "--time", "noon"],
  ];
  for (const given of wrong) {
    const { code, out, err } = macaroons(...given);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^macaroons: .+\nTry --help\.\n$/u);
    expect(err).not.toContain("AgEsecret");
  }
  expect(macaroons("--help").out).toContain("Usage:");
});
