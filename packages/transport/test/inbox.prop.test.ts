/** The two halves of a link's flow control, without a socket between them. */
import { Writable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameReader } from "../src/tls/connection/frame-reader.ts";
import { decodeControl, encodeCredit } from "../src/tls/connection/control.ts";
import { Inbox } from "../src/tls/connection/inbox.ts";
import { FRAME_CREDIT } from "../src/tls/limits.ts";
import { SendQueue } from "../src/tls/connection/send-queue.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ send: fc.array(fc.oneof(fc.nat(300), fc.integer({ min: 10_000, max: 40_000 })), { maxLength: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ hold: fc.boolean() }) },
);

test("whatever is sent and held, in whatever order: all arrives, in order, and no more is kept than the window", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 2, max: 6 }), async (steps, factor) => {
      const window = factor * (40_000 + FRAME_CREDIT) + 2 * 131_072;
      const sent: number[] = [];
      const arrived: number[] = [];
      const inbox = new Inbox(window, {
        frame: (frame) => void arrived.push(frame.length),
        grant: (credit) => {
          const control = decodeControl(encodeCredit(credit));
          expect(control?.type === "credit" && queue.grant(control.bytes)).toBe(true);
        },
      });
      const reader = new FrameReader((_control, frame) => inbox.take(frame));
      reader.frameBytesMax = 40_000;
      const socket = new Writable({
        write: (chunk: Uint8Array, _encoding, done) => {
          expect(reader.push(Uint8Array.from(chunk))).toBe("more");
          inbox.settle();
          expect(inbox.keptBytes + inbox.keptFrames * FRAME_CREDIT).toBeLessThanOrEqual(window);
          done();
        },
      });
      const queue: SendQueue = new SendQueue(socket, 4_000_000, () => undefined);
      queue.begin(window);
      for (const one of steps) {
        if ("hold" in one) inbox.hold(one.hold);
        else for (const length of one.send) if (queue.offer(new Uint8Array(length))) sent.push(length);
        await turn();
      }
      inbox.hold(false);
      while (arrived.length < sent.length) await turn();
      expect(arrived).toEqual(sent);
      expect(inbox.keptBytes).toBe(0);
    }),
    { numRuns: 60 },
  );
});
