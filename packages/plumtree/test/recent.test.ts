import { expect, test } from "vitest";
import { RecentMessages } from "../src/protocol/recent.ts";

test("counts the last 64 to 128 messages", () => {
  const recent = new RecentMessages();
  expect(recent.stats()).toEqual({ messages: 0, redundancy: 0, hopsMax: 0, hopsMean: 0 });
  recent.received(9);
  recent.duplicate();
  expect(recent.stats()).toEqual({ messages: 1, redundancy: 1, hopsMax: 9, hopsMean: 9 });
  for (let count = 0; count < 127; count += 1) recent.received(2);
  expect(recent.stats()).toMatchObject({ messages: 128, redundancy: 1 / 128, hopsMax: 9 });
  recent.received(3);
  expect(recent.stats()).toEqual({ messages: 65, redundancy: 0, hopsMax: 3, hopsMean: 131 / 65 });
});
