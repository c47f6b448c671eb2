import { type LogLevel, memoryHub, peerId, platformWorld } from "@void-system/effects";
import { expect, test } from "vitest";
import { type Command, type Result } from "../../src/store/command.ts";
import { type Authority, Gateway, type Ordering, type Session } from "../../src/node/gateway.ts";

const SECRET = "a-token-that-must-not-be-logged";
const lines: { readonly level: LogLevel; readonly event: string; readonly fields: unknown }[] = [];
let wallMs = 0;
const { clock } = platformWorld({ network: memoryHub().join(peerId("gateway-test")) });
const authority: Authority = {
  authenticate: (token) =>
    token === SECRET
      ? { ok: true, grant: { name: "abc", expiresAtMs: 1_000, permits: (key, _, timeMs) => key === "mine" && timeMs < 1_000 } }
      : { ok: false, reason: "refused", code: "expired", name: "def" },
};
const gateway = new Gateway({
  ordering: { submit: () => "accepted" },
  authority,
  clock: { schedule: (ms, wake) => clock.schedule(ms, wake), monotonicMs: () => 5_000, wallMs: () => wallMs },
  logger: { log: (level, event, fields) => lines.push({ level, event, fields }) },
});
const get: Command = { op: "get", key: "other" };
const ask = (session: Session, command: Command): Promise<Result> => new Promise((resolve) => session.submit(command, resolve));

test("every refusal is counted, and logged with the name of the token, never its text; a flood of them is only counted", async () => {
  const session = gateway.session();
  session.authenticate("wrong");
  session.authenticate(SECRET);
  expect(await ask(session, get)).toEqual({ type: "error", message: 'NOPERM this capability does not permit read of "other" now' });
  wallMs = 1_000;
  expect(await ask(session, { op: "get", key: "mine" })).toEqual({ type: "error", message: "NOPERM this token has expired; authenticate with a new one" });
  expect(gateway.stats()).toMatchObject({ refusedTokens: 1, refusedCommands: 2 });
  expect(lines).toEqual([
    { level: "warn", event: "token-refused", fields: { reason: "expired", name: "def" } },
    { level: "warn", event: "command-refused", fields: { reason: "not-permitted", name: "abc", access: "read", resource: "/kv/other" } },
    { level: "warn", event: "command-refused", fields: { reason: "expired", name: "abc", access: "read", resource: "/kv/mine" } },
  ]);
  for (let count = 0; count < 100; count++) session.authenticate("wrong");
  expect(gateway.stats().refusedTokens).toBe(101);
  expect(lines).toHaveLength(10);
  expect(JSON.stringify(lines)).not.toContain(SECRET);
});

test.each<[string, Ordering["submit"], string]>([
  ["what the log refuses to take", () => "stopped", "SHUTDOWN this node is stopping, nothing was executed; use another one"],
  ["what f+1 replicas refuse", (_, done) => settled(done, { type: "refused", message: "REFUSED nothing was executed: why" }), "REFUSED nothing was executed: why"],
  ["what failed on all replicas", (_, done) => settled(done, { type: "failed", reason: "why" }), "FAILED this command was executed, and failed alike on all replicas: why"],
  [
    "what nobody knows yet",
    (_, done) => settled(done, { type: "unknown", reason: "why", notAfterMs: 1_000 }),
    "UNKNOWN the outcome of this command is unknown: why; unless it was executed by 1970-01-01T00:00:01.000Z, it never will be",
  ],
  ["what nobody knows", (_, done) => settled(done, { type: "unknown", reason: "why" }), "UNKNOWN the outcome of this command is unknown: why"],
])("%s says so", async (_, submit, message) => {
  const session = new Gateway({ ordering: { submit }, authority, clock: { schedule: (ms, wake) => clock.schedule(ms, wake), monotonicMs: () => 5_000, wallMs: () => 0 } }).session();
  session.authenticate(SECRET);
  expect(await ask(session, { op: "get", key: "mine" })).toEqual({ type: "error", message });
});

function settled(done: Parameters<Ordering["submit"]>[1], outcome: Parameters<typeof done>[0]): "accepted" {
  setImmediate(() => done(outcome));
  return "accepted";
}
