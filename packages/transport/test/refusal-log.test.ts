import { expect, test } from "vitest";
import { RefusalLog } from "../src/tls/peers/refusal-log.ts";

function logWith(): { log: RefusalLog; lines: string[]; due: (() => void)[] } {
  const [lines, due]: [string[], (() => void)[]] = [[], []];
  const logger = { log: (level: string, event: string, fields?: object) => void lines.push(`${level} ${event} ${JSON.stringify(fields)}`) };
  const log = new RefusalLog(logger, { schedule: (_delayMs, wake) => (due.push(wake), () => undefined) });
  return { log, lines, due };
}

test("who is refused is logged by address and key, four times a minute for each reason, and counted from then on", () => {
  const { log, lines, due } = logWith();
  for (let port = 0; port < 100; port += 1) log.log({ reason: "too-many-connections", address: `192.0.2.1 ${port}` });
  log.log({ reason: "refused-unknown-key", address: "192.0.2.2 5", keyId: "ab" });
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe('info connection-refused {"reason":"too-many-connections","address":"192.0.2.1 0"}');
  expect(lines[4]).toBe('info connection-refused {"reason":"refused-unknown-key","address":"192.0.2.2 5","keyId":"ab"}');
  due.shift()!();
  expect(lines[5]).toBe('info connections-refused {"count":96,"windowMs":60000}');
  log.log({ reason: "too-many-connections", address: undefined });
  expect(lines[6]).toBe('info connection-refused {"reason":"too-many-connections"}');
  due.shift()!();
  expect(lines).toHaveLength(7);
  expect(due).toHaveLength(0);
});

test("however many reasons there are, lines and memory are bounded", () => {
  const { log, lines } = logWith();
  for (let index = 0; index < 10_000; index += 1) log.log({ reason: `refused-by-peer-${index}`, address: undefined });
  expect(lines).toHaveLength(64);
});
