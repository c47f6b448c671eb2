import { expect, test } from "vitest";
import { STRANGER_COMMANDS_A_SLICE, STRANGER_COMMANDS_A_TURN, Turns } from "../../src/resp/turns.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("every stranger has its turn, however much another one asks for", async () => {
  const turns = new Turns();
  const taken = [0, 0, 0];
  const works = taken.map((_, who) => {
    const work = (): void => {
      for (let count = 0; count < STRANGER_COMMANDS_A_SLICE; count++) {
        if (!turns.take()) break;
        taken[who] = (taken[who] ?? 0) + 1;
      }
      turns.wait(work);
    };
    return work;
  });
  works.forEach((work) => work());
  for (let turn = 0; turn < 6; turn++) {
    const before = taken.reduce((sum, count) => sum + count, 0);
    await nextTurn();
    expect(taken.reduce((sum, count) => sum + count, 0) - before).toBeLessThanOrEqual(STRANGER_COMMANDS_A_TURN);
  }
  expect(Math.max(...taken) - Math.min(...taken)).toBeLessThanOrEqual(STRANGER_COMMANDS_A_SLICE);
  works.forEach((work) => turns.forget(work));
  const end = [...taken];
  await nextTurn();
  expect(taken).toEqual(end);
});

test("what is left of a turn is there at once", () => {
  const turns = new Turns();
  expect(Array.from({ length: STRANGER_COMMANDS_A_TURN + 1 }, () => turns.take()).filter(Boolean)).toHaveLength(STRANGER_COMMANDS_A_TURN);
});
