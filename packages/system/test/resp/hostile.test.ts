/**
 * Clients that do what no client should: none of it may cost this node more than its bounds say.
 */
import { type Socket, connect } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RESP_UNSENT_BYTES_MAX } from "../../src/resp/connection.ts";
import { RespReader } from "../../src/resp/reader.ts";
import { type RespOptions, RespServer } from "../../src/resp/server.ts";
import { VALUE_BYTES_MAX } from "../../src/store/command.ts";
import { type TestNode, testNode } from "../support/node.ts";

let node: TestNode;
let server: RespServer;
let port: number;
const sockets: Socket[] = [];

async function open(options: Partial<RespOptions> = {}): Promise<void> {
  await server?.close();
  node = await testNode();
  server = new RespServer(node.gateway, () => "", options);
  ({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
}

beforeEach(() => open());

afterEach(async () => {
  vi.restoreAllMocks();
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

function dial(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
    socket.once("connect", () => socket.off("error", reject).on("error", () => undefined));
    sockets.push(socket);
  });
}

const until = (isSo: () => boolean): Promise<void> => vi.waitFor(() => expect(isSo()).toBe(true), { timeout: 8_000, interval: 5 });
const bulk = (bytes: number): string => `$${bytes}\r\n${"x".repeat(bytes)}\r\n`;

/** Sends a part again and again, reading nothing, until the node has something that it cannot send. */
async function stuff(socket: Socket, part: string): Promise<void> {
  socket.pause();
  while (server.stats().unsentBytes === 0) {
    await new Promise((resolve) => socket.write(part, resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("who says QUIT, reads nothing and goes on talking is not listened to, and soon forgotten", async () => {
  await open({ stallMs: 300 });
  const socket = await dial();
  await stuff(socket, `*2\r\n$4\r\nPING\r\n${bulk(16_000)}`);
  const read = vi.spyOn(RespReader.prototype, "push");
  socket.write("QUIT\r\n");
  for (let index = 0; index < 32; index++) socket.write(Buffer.alloc(1_000_000, "x"));
  await until(() => server.stats().connections === 0);
  expect(read.mock.calls.reduce((sum, [bytes]) => sum + bytes.length, 0)).toBeLessThan(1_000_000);
});

test("one connection too many is told so and closed, whatever it goes on sending", async () => {
  await open({ connectionsMax: 1 });
  await dial();
  await until(() => server.stats().connections === 1);
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  sockets.push(socket);
  let told = "";
  const closed = new Promise((resolve) => socket.on("close", resolve).on("error", () => undefined));
  socket.on("data", (bytes) => (told += String(bytes)));
  await new Promise((resolve) => socket.on("end", resolve));
  const trickle = setInterval(() => socket.write("PING\r\n"), 5);
  await closed;
  clearInterval(trickle);
  expect(told).toBe("-ERR max number of clients reached\r\n");
});

test("who shows no capability in time is shown out", async () => {
  await open({ unprovenMs: 50 });
  const silent = await dial();
  const proven = await dial();
  proven.write("AUTH admin\r\n");
  await new Promise((resolve) => silent.resume().on("close", resolve));
  await until(() => server.stats().connections < 2);
  expect([silent.destroyed, proven.destroyed]).toEqual([true, false]);
});

test("large replies that nobody reads stay in the store", async () => {
  const socket = await dial();
  socket.write(`AUTH admin\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n${bulk(VALUE_BYTES_MAX)}`);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.pause();
  socket.write("GET a\r\n".repeat(100));
  let executed = -1;
  await vi.waitFor(
    () => {
      const now = node.ordering.executed();
      const isStill = now === executed && server.stats().unsentBytes > 0;
      executed = now;
      expect(isStill).toBe(true);
    },
    { timeout: 8_000, interval: 50 },
  );
  expect(server.stats().unsentBytes).toBeLessThan(RESP_UNSENT_BYTES_MAX + 4 * VALUE_BYTES_MAX);
  // And they come once it reads.
  let bytes = 0;
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      if (bytes >= 100 * VALUE_BYTES_MAX) resolve();
    });
    socket.resume();
  });
}, 20_000);

test("what a client that is gone had still to say is not done", async () => {
  let submitted = 0;
  let over: Promise<void> | undefined;
  const { gateway } = node;
  const session = gateway.session.bind(gateway);
  vi.spyOn(gateway, "session").mockImplementation(() => {
    const made = session();
    const submit = made.submit.bind(made);
    vi.spyOn(made, "submit").mockImplementation((...words) => {
      submitted += 1;
      submit(...words);
      if (submitted === 1_024) over = server.close();
    });
    return made;
  });
  const socket = await dial();
  socket.write(`AUTH admin\r\n${"INCR n\r\n".repeat(4_000)}`);
  await until(() => over !== undefined);
  await over;
  await until(() => gateway.idle);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(submitted).toBe(1_024);
});
