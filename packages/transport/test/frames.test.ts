import { Writable } from "node:stream";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CONTROL_BYTES_MAX, FrameReader } from "../src/tls/connection/frame-reader.ts";
import { ALIVE_FRAME, type Control, decodeControl, encodeCredit, encodeHello, encodeRefusal, LINK_VERSION, REFUSALS } from "../src/tls/connection/hello.ts";
import { FRAME_CREDIT, WINDOW_BYTES_MIN } from "../src/tls/limits.ts";
import { SendQueue } from "../src/tls/connection/send-queue.ts";
import { framed } from "./raw.ts";

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/);

// Frozen: docs/format.md. Change LINK_VERSION when one of these must change.
test("the format of the wire is frozen", () => {
  expect(LINK_VERSION).toBe(2);
  const prod = encodeHello({ cluster: "prod", id: "node0", windowBytes: 0x0100_0000 });
  expect(hex(framed(prod, true))).toBe("80000011010204050100000070726f646e6f646530");
  expect(hex(framed(encodeCredit(0x0080_0102), true))).toBe("800000050400800102");
  expect(REFUSALS.map((reason) => hex(framed(encodeRefusal(reason), true)))).toEqual([
    "800000020201",
    "800000020202",
    "800000020203",
    "800000020204",
  ]);
  expect(REFUSALS).toEqual(["version", "cluster", "identity", "duplicate"]);
  expect(hex(framed(ALIVE_FRAME, true))).toBe("8000000103");
  expect(hex(framed(unhex("abcd")))).toBe("00000002abcd");
});

test("hellos decode to what was encoded", () => {
  fc.assert(
    fc.property(name, name, fc.integer({ min: WINDOW_BYTES_MIN, max: 2 ** 31 }), (cluster, id, windowBytes) => {
      const bytes = encodeHello({ cluster, id, windowBytes });
      expect(bytes.length).toBeLessThanOrEqual(CONTROL_BYTES_MAX);
      expect(decodeControl(bytes)).toEqual({ type: "hello", hello: { cluster, id, windowBytes } });
    }),
  );
});

test("what decodes as a control frame is one, to the byte", () => {
  const some = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.tuple(fc.constantFrom(1, 2, 3, 4), fc.uint8Array({ maxLength: 12 })).map(([type, rest]) => Uint8Array.from([type, ...rest])),
    fc.tuple(name, name, fc.nat(20), fc.nat(255)).map(([cluster, id, at, byte]) => {
      const bytes = encodeHello({ cluster, id, windowBytes: WINDOW_BYTES_MIN });
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(some, (bytes) => {
      const control = decodeControl(bytes);
      expect(control && encodeControl(control, bytes)).toEqual(control && bytes);
    }),
    { numRuns: 500 },
  );
});

function encodeControl(control: Control, bytes: Uint8Array): Uint8Array {
  if (control.type === "hello") return encodeHello(control.hello);
  if (control.type === "refusal") return encodeRefusal(control.reason);
  if (control.type === "alive") return ALIVE_FRAME;
  if (control.type === "credit") return encodeCredit(control.bytes);
  return control.version === LINK_VERSION ? new Uint8Array() : Uint8Array.from([1, control.version, ...bytes.slice(2)]);
}

test("a stream gives the same frames however it is cut", () => {
  const frames = fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 40 })), { maxLength: 12 });
  fc.assert(
    fc.property(frames, fc.array(fc.nat(17), { minLength: 1, maxLength: 50 }), (sent, cuts) => {
      const taken: [boolean, Uint8Array][] = [];
      const reader = new FrameReader((control, bytes) => taken.push([control, bytes.slice()]) > 0);
      reader.frameBytesMax = 40;
      const stream = Buffer.concat(sent.map(([control, bytes]) => framed(bytes, control)));
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const end = at + 1 + cuts[turn % cuts.length]!;
        expect(reader.push(stream.subarray(at, end))).toBe("more");
        at = end;
      }
      expect(taken).toEqual(sent);
    }),
    { numRuns: 300 },
  );
});

test("a length beyond the bound is refused by its header alone", () => {
  const reader = new FrameReader(() => true);
  reader.frameBytesMax = 10;
  expect(reader.push(framed(new Uint8Array(10)))).toBe("more");
  expect(reader.push(framed(new Uint8Array(0), false, 11))).toBe("too-long");
  expect(new FrameReader(() => true).push(framed(new Uint8Array(0), false, 1))).toBe("too-long");
  expect(new FrameReader(() => true).push(framed(new Uint8Array(0), true, CONTROL_BYTES_MAX + 1))).toBe("too-long");
});

test("nothing is read after a frame that is not welcome", () => {
  let taken = 0;
  const reader = new FrameReader(() => ++taken < 2);
  reader.frameBytesMax = 10;
  expect(reader.push(Buffer.concat([framed(new Uint8Array(1)), framed(new Uint8Array(2)), framed(new Uint8Array(3))]))).toBe("stopped");
  expect(taken).toBe(2);
});

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
