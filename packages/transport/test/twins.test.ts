import { expect, test } from "vitest";
import { Twins } from "../src/tls/peers/twins.ts";

test("a process that comes back after another one has replaced it is a twin; a restarted one is none", () => {
  const twins = new Twins();
  twins.replaced("first", "second");
  expect(twins.isBack("second")).toBe(false);
  expect(twins.isBack("third")).toBe(false);
  expect(twins.isBack("first")).toBe(true);
  expect([twins.isNews(), twins.isNews()]).toEqual([true, false]);
  twins.replaced("second", "second"); // one process that dialed again
  expect(twins.isBack("second")).toBe(false);
  twins.forget();
  expect(twins.isBack("first")).toBe(false);
  expect(twins.isNews()).toBe(true);
});

test("a peer that is restarted without end is remembered within bounds", () => {
  const twins = new Twins();
  for (let life = 0; life < 100; life += 1) twins.replaced(`${life}`, `${life + 1}`);
  expect(Array.from({ length: 100 }, (_, life) => twins.isBack(`${life}`)).filter(Boolean)).toHaveLength(8);
});
