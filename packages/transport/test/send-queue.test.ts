import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { ALIVE_FRAME } from "../src/tls/connection/control.ts";
import { SendQueue } from "../src/tls/connection/send-queue.ts";
import { FRAME_CREDIT } from "../src/tls/limits.ts";

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

/** A socket that finishes a write when it is told to. */
class SlowSocket extends Writable {
  readonly written: Uint8Array[] = [];
  finishWrite: (() => void) | undefined;

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.written.push(Uint8Array.from(chunk));
    this.finishWrite = done;
  }
}

/** A queue whose other side takes all at once. */
function queueOf(socket: Writable, bytesMax: number, writable: () => void = () => undefined): SendQueue {
  const queue = new SendQueue(socket, bytesMax, writable);
  queue.begin(2 ** 31);
  return queue;
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

test("frames of one turn leave in one write, control frames before them, one write at a time", async () => {
  const socket = new SlowSocket();
  const queue = queueOf(socket, 1_000);
  queue.offer(unhex("aa"));
  queue.offer(unhex("bbbb"));
  queue.control(ALIVE_FRAME);
  expect(socket.written).toEqual([]);
  await turn();
  expect(socket.written.map(hex)).toEqual(["8000000103"]);
  queue.offer(unhex("cc"));
  await turn();
  expect(socket.written).toHaveLength(1);
  socket.finishWrite!();
  await turn();
  expect(socket.written.slice(1).map(hex)).toEqual(["00000001aa00000002bbbb00000001cc"]);
  expect(queue.frames).toBe(0);
  expect(queue.bytes).toBe(16);
  socket.finishWrite!();
  await turn();
  expect(queue.bytes).toBe(0);
});

test("no more is written than was granted, and no grant is taken for what was not spent", async () => {
  const socket = new SlowSocket();
  const queue = new SendQueue(socket, 1_000_000, () => undefined);
  queue.begin(300);
  expect(queue.grant(1)).toBe(false);
  const write = async (): Promise<number> => {
    await turn();
    socket.finishWrite?.();
    socket.finishWrite = undefined;
    await turn();
    return socket.written.reduce((sum, bytes) => sum + bytes.length, 0);
  };
  for (let i = 0; i < 2; i += 1) queue.offer(new Uint8Array(300 / 2 - FRAME_CREDIT));
  expect(await write()).toBe(2 * (4 + 22));
  queue.offer(new Uint8Array(1));
  expect(await write()).toBe(52);
  expect([queue.frames, queue.bytes, queue.credit]).toEqual([1, 5, 0]);
  queue.control(ALIVE_FRAME);
  expect(await write()).toBe(57);
  expect(queue.grant(FRAME_CREDIT)).toBe(true);
  expect(await write()).toBe(57);
  expect(queue.grant(1)).toBe(true);
  expect(await write()).toBe(62);
  expect(queue.grant(301)).toBe(false);
});

test("the room is what was promised; word comes when half of it is free, once", async () => {
  const socket = new SlowSocket();
  let words = 0;
  const queue = queueOf(socket, 400_000, () => (words += 1));
  let taken = 0;
  while (queue.offer(new Uint8Array(9_996))) taken += 1;
  expect(taken).toBe(40);
  expect(queue.offer(new Uint8Array(0))).toBe(false);
  await turn();
  const bytes: number[] = [];
  while (queue.bytes > 0) {
    bytes.push(queue.bytes);
    expect(words).toBe(queue.bytes * 2 <= 400_000 && bytes.length > 1 ? 1 : 0);
    socket.finishWrite!();
    await turn();
  }
  expect(bytes).toEqual([400_000, 270_000, 140_000, 10_000]);
  expect(words).toBe(1);
  expect(queue.offer(new Uint8Array(399_996))).toBe(true);
});

test("a long queue keeps its order while it is refilled", async () => {
  const socket = new SlowSocket();
  const queue = queueOf(socket, 10_000_000);
  let sent = 0;
  for (let round = 0; round < 8; round += 1) {
    for (let i = 0; i < 30_000; i += 1) queue.offer(Uint8Array.from([sent >>> 8, sent++]));
    await turn();
    socket.finishWrite!();
  }
  while (queue.frames > 0) {
    await turn();
    socket.finishWrite!();
  }
  const stream = Buffer.concat(socket.written);
  const wanted = Buffer.concat(Array.from({ length: sent }, (_, i) => Uint8Array.from([0, 0, 0, 2, i >>> 8, i])));
  expect(stream.equals(wanted)).toBe(true);
});
