import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CONTROL_BYTES_MAX } from "../src/tls/connection/control.ts";
import { FrameReader } from "../src/tls/connection/frame-reader.ts";
import { framed } from "./raw.ts";

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
