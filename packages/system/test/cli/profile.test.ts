import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { addressesOf, readProfile } from "../../src/cli/profile.ts";

const folder = mkdtempSync(join(tmpdir(), "void-profile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

function file(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

describe("--endpoints", () => {
  test("are addresses for Redis clients", () => {
    const { nodes } = readProfile({ endpoints: "10.0.0.1:6379, db.example:7000,[::1]:6380" });
    expect(nodes).toEqual([{ host: "10.0.0.1", resp: 6_379 }, { host: "db.example", resp: 7_000 }, { host: "::1", resp: 6_380 }]);
    expect(addressesOf({ nodes })).toEqual([{ host: "10.0.0.1", port: 6_379 }, { host: "db.example", port: 7_000 }, { host: "::1", port: 6_380 }]);
  });

  test.each(["", "10.0.0.1", "10.0.0.1:0", "10.0.0.1:70000", "a:1,,b:2", "::1:5", "a b:1"])("%j is refused", (endpoints) => {
    expect(() => readProfile({ endpoints })).toThrow(/expected --endpoints to be addresses/);
  });

  test("need a token of their own", () => {
    vi.stubEnv("VOID_TOKEN", "");
    expect(() => readProfile({ endpoints: "a:1" }).token()).toThrow(/expected a token, got none: name a file with --token-file/);
    expect(readProfile({ endpoints: "a:1", tokenFile: file("token", "secret\n") }).token()).toBe("secret");
    vi.stubEnv("VOID_TOKEN", "from the environment");
    expect(readProfile({ endpoints: "a:1" }).token()).toBe("from the environment");
  });

  test("and a profile are one too many", () => {
    expect(() => readProfile({ endpoints: "a:1", profile: "p" })).toThrow(/got both/);
  });
});

describe("--profile", () => {
  test("has a host for each node, and paths seen from its folder", () => {
    file("admin.token", "secret");
    const nodes = [{ id: "n1", host: "127.0.0.2", resp: 6_379, http: 8_080 }, { host: "127.0.0.3", resp: 6_379 }];
    const profile = readProfile({ profile: file("profile.json", { nodes, tokenFile: "admin.token" }) });
    expect(profile.nodes).toEqual(nodes);
    vi.stubEnv("VOID_TOKEN", "");
    expect(profile.token()).toBe("secret");
  });

  test.each([
    ["no JSON", "{", /profile/],
    ["no nodes", { nodes: [] }, /nodes: expected at least one node/],
    ["an unknown field", { nodes: [{ host: "a", resp: 1, port: 2 }] }, /nodes\.0\.port/],
    ["no host", { nodes: [{ resp: 1 }] }, /nodes\.0\.host/],
  ])("with %s is refused, with the path", (name, value, reason) => {
    expect(() => readProfile({ profile: file(`${name}.json`, value) })).toThrow(reason);
  });
});

test("a cluster.json with what void dev does not write is refused, not half read", () => {
  const nodes = [{ id: "n1", host: "127.0.0.2", pid: 1, resp: 1, http: 2, config: "c" }];
  file("cluster.json", { version: 1, host: "127.0.0.1", adminToken: "t", nodes });
  expect(() => readProfile({ dir: folder })).toThrow(/use --profile or --endpoints/);
});
