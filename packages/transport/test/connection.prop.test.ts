/** Random bytes at a listener, raw and behind an honest handshake, while two honest nodes talk. */
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TlsTransport } from "../src/tls/index.ts";
import { ALIVE_FRAME } from "../src/tls/connection/control.ts";
import { listed, node, openNode, type TestNode } from "./nodes.ts";
import { closed, framed, hello, rawTcp, rawTls } from "./raw.ts";

let server: TlsTransport;
let friend: TlsTransport;
let liar: TestNode;
let received = 0;

beforeAll(async () => {
  const [one, two] = await Promise.all([node("m"), node("n")]);
  liar = await node("liar");
  server = await openNode(one, { peers: [listed(liar), listed(two)], limits: { handshakeMs: 500, frameBytes: 4_096 } });
  server.onFrame((from) => {
    if (from === two.id) received += 1;
  });
  friend = await openNode(two, { dialOnly: true, peers: [listed(one, server)] });
  await new Promise<void>((resolve) => friend.onLink((_, state) => state === "up" && resolve()));
});

afterAll(async () => {
  await Promise.all([server.close(100), friend.close(100)]);
});

const bytes = fc.uint8Array({ maxLength: 300 });
const clientHello = Buffer.from(`160301010001000${"0fc0303".padEnd(500, "7")}`, "hex");
const piece = fc.oneof(
  bytes,
  bytes.map((some) => framed(some)),
  bytes.map((some) => framed(some, true)),
  fc.tuple(bytes, fc.nat(0x7fff_ffff), fc.boolean()).map(([some, length, control]) => framed(some, control, length)),
  fc.constantFrom(hello("liar"), hello("n"), hello("liar", "other"), framed(ALIVE_FRAME, true), framed(new Uint8Array(0)), Uint8Array.from(clientHello)),
);

async function honestFrame(): Promise<void> {
  const before = received;
  expect(friend.send(server.self, Uint8Array.of(1))).toBe("sent");
  while (received === before) await new Promise((resolve) => setImmediate(resolve));
}

test("raw bytes, and frames of a peer that has gone mad, break that connection and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.array(piece, { maxLength: 12 }), fc.boolean(), async (raw, behind, greets) => {
      const stranger = rawTcp(server);
      for (const some of raw) stranger.write(some);
      stranger.end();
      const mad = rawTls(server, liar);
      if (greets) mad.write(hello("liar"));
      for (const some of behind) mad.write(some);
      mad.end();
      await Promise.all([honestFrame(), closed(stranger), closed(mad)]);
    }),
    { numRuns: 60 },
  );
  expect(server.stats().links["n"]).toMatchObject({ state: "up", ups: 1 });
}, 20_000);

test("twenty thousand fuzzed frames: all that are sound arrive, and memory stays flat", async () => {
  const noise = fc.sample(fc.uint8Array({ minLength: 4_000, maxLength: 4_000 }), 1)[0]!;
  const sizes = fc.sample(fc.nat(600), { numRuns: 1_000 });
  const breach = fc.sample(fc.tuple(fc.nat(0xffff_ffff), fc.uint8Array({ maxLength: 40 })), 40);
  const round = async (index: number): Promise<void> => {
    const [word, tail] = breach[index % breach.length]!;
    const mad = rawTls(server, liar);
    mad.write(hello("liar"));
    for (const size of sizes) mad.write(framed(noise.subarray(size, 2 * size)));
    // A length from 0 to 4 GiB that is not kept, or a control frame that is none; then nothing more.
    mad.write(Buffer.concat([framed(new Uint8Array(0), word >= 0x8000_0000, word % 0x8000_0000), tail]));
    mad.end();
    await Promise.all([closed(mad), honestFrame()]);
  };
  await round(0);
  const counted = server.stats().links["liar"]!.receivedFrames;
  const before = process.memoryUsage().rss;
  for (let index = 1; index < 20; index += 1) await round(index);
  expect(server.stats().links["liar"]!.receivedFrames - counted).toBeGreaterThanOrEqual(19 * sizes.length);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  expect(server.stats().links["n"]).toMatchObject({ state: "up", ups: 1 });
});

test("keys of other kinds do not even get to show themselves", async () => {
  // Without a certificate of its own kind: TLS is told to sign with Ed25519 only.
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const socket = rawTls(server, undefined, { key: privateKey.export({ type: "pkcs8", format: "pem" }) });
  await closed(socket);
  await honestFrame();
  expect(server.stats().links["n"]).toMatchObject({ ups: 1 });
});
