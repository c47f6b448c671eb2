/** Random and mutated bytes on real connections, while an honest client works. */
import { connect } from "node:net";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RespServer } from "../../src/resp/server.ts";
import { type TestNode, testNode } from "../support/node.ts";

let node: TestNode;
let server: RespServer;
let port: number;

beforeAll(async () => {
  node = await testNode();
  server = new RespServer(node.gateway, () => "", { stallMs: 1_000, unprovenMs: 1_000 });
  ({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
});

afterAll(() => server.close());

/** Sends the pieces one by one, half-closes, and resolves when the connection is over. */
function shout(pieces: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece);
      socket.end();
    });
    socket.on("error", () => undefined).on("close", () => resolve());
    socket.resume();
  });
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
const token = fc.constantFrom(
  "AUTH admin\r\n", "*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nGET\r\n$1\r\nz\r\n", "*3\r\n$3\r\nSET\r\n$1\r\nz\r\n$2\r\nok\r\n",
  "*-1\r\n", "*0\r\n", "$-1\r\n", "*8193\r\n", "*99999999999\r\n", "$524289\r\n", "*2147483648\r\n", "\r\n", "\n", "\r", "'", '"', '"\\x', "\\",
  "HELLO 3\r\n", "HELLO 3 AUTH default\r\n", "CLIENT SETNAME a b c\r\n", "QUIT\r\n", "INFO\r\n", "MSET a\r\n", "DEL\r\n", "SET z v GET NX XX\r\n",
  "__proto__ constructor\r\n", "toString\r\n", "INCR z\r\n", `${"a ".repeat(2_000)}\r\n`, `"${"\\".repeat(999)}\r\n`, "*1\r\n$0\r\n\r\n", "\0\xff\xfe",
  "MULTI\r\n", "EXEC\r\n", "DISCARD\r\n", "INCRBY z 9\r\n", "DECRBY z x\r\n", "SELECT 7\r\n", "ECHO\r\n", "*2\r\n$3\r\nGET\r\n$524289\r\n",
);
const noise = fc.uint8Array({ maxLength: 200 });
const stream = fc.array(fc.oneof(token.map(bytesOf), noise), { maxLength: 30 });
const mutated = fc.tuple(fc.array(token, { minLength: 1, maxLength: 10 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 })).map(([tokens, changes]) => {
  const bytes = bytesOf(`AUTH admin\r\n${tokens.join("")}`);
  for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
  return [bytes];
});

test("nothing that strangers send ends the node, or keeps an honest client from its work", async () => {
  const honest = new Redis({ port, password: "admin" });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(stream, mutated), { minLength: 1, maxLength: 8 }), async (streams) => {
      const noisy = streams.map(shout);
      count += 1;
      expect(await honest.incr("honest")).toBe(count);
      await Promise.all(noisy);
    }),
    { numRuns: 150 },
  );
  expect(await honest.get("honest")).toBe(String(count));
  expect(node.gateway.stats().waitingBytes).toBe(0);
  await honest.quit();
}, 30_000);
