/**
 * Both ways with Debian's implementations, with a discharge each. `.ci/run` installs them; here: `MACAROON_PEERS=debian`.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CapabilityManager, CaveatVerifier, Macaroon, MacaroonFactory, type TokenFormat, addThirdPartyCaveat, formatToken, openSealedKey, parseToken } from "../src/index.ts";
import { anyCaveat } from "./any-caveat.ts";

interface Answer {
  readonly accepts: boolean;
  readonly acceptsAlone: boolean;
  readonly token: string;
  readonly discharge: string;
}

const key = new Uint8Array(32).fill(7);
const caveatKey = new TextEncoder().encode("caveat key");
const met = ["a = 1", "b = 2"];
const manager = new CapabilityManager(new MacaroonFactory(key), new CaveatVerifier([anyCaveat(new Set(met))]), { openSealedKey, keyOf: () => key });
const token = addThirdPartyCaveat(Macaroon.mint(key, new TextEncoder().encode("id"), "here").addCaveat("a = 1"), { caveatKey, id: "third", location: "there" });
const discharge = Macaroon.mint(caveatKey, new TextEncoder().encode("third"), "there").addCaveat("b = 2").bindTo(token);

const pairs = Object.fromEntries((["v1", "v2", "v2-json"] as const).map((format) => [format, { token: formatToken(token, format), discharge: formatToken(discharge, format) }]));
const question = JSON.stringify({ keyHex: Buffer.from(key).toString("hex"), caveatKeyHex: Buffer.from(caveatKey).toString("hex"), met, ...pairs });

function asked(command: string, ...given: readonly string[]): Readonly<Record<string, Answer>> {
  const env = { ...process.env, GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOFLAGS: "" };
  return JSON.parse(execFileSync(command, given, { input: question, env, encoding: "utf8", maxBuffer: 1 << 20 }));
}

function read(text: string): Macaroon {
  const parsed = parseToken(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.macaroon;
}

const peers: readonly (readonly [string, readonly [string, string, ...string[]], readonly TokenFormat[]])[] = [
  ["pymacaroons", ["/usr/bin/python3", join(import.meta.dirname, "peers", "judge-pymacaroons.py")], ["v1", "v2"]],
  ["libmacaroons", ["/usr/bin/python3", join(import.meta.dirname, "peers", "libmacaroons.py")], ["v1"]],
  ["macaroon.v2", ["go", "run", join(import.meta.dirname, "peers", "macaroon-v2.go")], ["v1", "v2", "v2-json"]],
];

describe.skipIf(process.env["MACAROON_PEERS"] !== "debian")("with a discharge each", () => {
  test.each(peers)("%s", (_, [command, ...given], formats) => {
    const answers = asked(command, ...given);
    expect(Object.keys(answers)).toEqual(formats);
    for (const [format, theirs] of Object.entries(answers)) {
      expect([format, theirs.accepts, theirs.acceptsAlone]).toEqual([format, true, false]);
      const discharges = [read(theirs.discharge)];
      expect([format, manager.verify(read(theirs.token), {} as never, { discharges }).ok]).toEqual([format, true]);
      expect(manager.verify(read(theirs.token), {} as never)).toEqual({ ok: false, reason: "missing-discharge" });
    }
  });
});
