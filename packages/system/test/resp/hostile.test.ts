/**
 * Clients that do what no client should: none of it may cost this node more than its bounds say.
 */
import { type Socket, connect } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RESP_UNSENT_BYTES_MAX } from "../../src/resp/connection.ts";
import { RespReader } from "../../src/resp/reader.ts";
import { type RespOptions, RespServer } from "../../src/resp/server.ts";
import { STRANGER_COMMANDS_A_TURN } from "../../src/resp/turns.ts";
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

/** A connection that has shown its capability. */
async function authenticated(): Promise<Socket> {
  const socket = await dial();
  socket.write("AUTH admin\r\n");
  await new Promise((resolve) => socket.once("data", resolve));
  return socket;
}

test("one connection too many is told so and closed, whatever it goes on sending", async () => {
  await open({ connectionsMax: 1 });
  await authenticated();
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

test.each([
  ["all places", { connectionsMax: 3 }],
  ["the places of strangers", { strangersMax: 2 }],
])("who shows no capability makes room, the oldest first, when %s are taken", async (_, options) => {
  await open(options);
  const proven = await authenticated();
  const [oldest, second] = [await dial(), await dial()];
  await until(() => server.stats().connections === 3);
  const told = new Promise<string>((resolve) => oldest.once("data", (bytes) => resolve(String(bytes))));
  const closed = new Promise((resolve) => oldest.on("close", resolve));
  const newcomer = await authenticated();
  expect(await told).toBe("-ERR max number of clients reached\r\n");
  await closed;
  expect([proven, second, newcomer].map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  expect(server.stats().connections).toBe(3);
});

test("a stranger that reads nothing makes room at once", async () => {
  await open({ strangersMax: 1 });
  await stuff(await dial(), `*2\r\n$4\r\nPING\r\n${bulk(16_000)}`);
  await dial();
  await until(() => server.stats().accepted === 2);
  expect(server.stats()).toMatchObject({ unsentBytes: 0, connections: 1 });
});

test("who says nothing for long is shown out, unless a reply is due", async () => {
  await open({ idleMs: 50 });
  const submit = vi.spyOn(node.ordering, "submit");
  const done: (() => void)[] = [];
  submit.mockImplementation((_, finish) => {
    done.push(() => finish({ type: "unknown", reason: "a test" }));
    return "accepted";
  });
  const waiting = await authenticated();
  waiting.write("GET a\r\n");
  await until(() => done.length === 1);
  // Its time ends after the other's.
  const idle = await authenticated();
  const answered = new Promise<string>((resolve) => waiting.once("data", (bytes) => resolve(String(bytes))));
  await new Promise((resolve) => idle.resume().on("close", resolve));
  done[0]?.();
  expect(await answered).toMatch(/^-UNKNOWN/);
});

test("pipelines of strangers are answered in slices, and all of it in the end", async () => {
  const read = vi.spyOn(RespReader.prototype, "next");
  let [most, before, isOver] = [0, 0, false];
  const turn = (): void => {
    most = Math.max(most, read.mock.calls.length - before);
    before = read.mock.calls.length;
    if (!isOver) setImmediate(turn);
  };
  turn();
  const pongs = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const socket = await dial();
      let bytes = 0;
      const all = new Promise<void>((resolve) => socket.on("data", (chunk) => ((bytes += chunk.length) === 2_000 * 7 ? resolve() : undefined)));
      socket.write("PING\r\n".repeat(2_000));
      await all;
      return bytes / 7;
    }),
  );
  isOver = true;
  expect(pongs).toEqual(Array.from({ length: 8 }, () => 2_000));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(2 * STRANGER_COMMANDS_A_TURN);
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
