import { expect, test } from "vitest";
import linear from "../../src/lint/index.ts";
import { Programs } from "./programs.ts";
import { RIGHT } from "./right.ts";
import { NAMES } from "./scene-names.ts";
import { NAMES as SHAPE_NAMES } from "./shapes/names.ts";
import { RIGHT_SHAPES } from "./shapes/right.ts";
import { WRONG_SHAPES } from "./shapes/wrong.ts";
import { NAMES as USER_NAMES } from "./users/names.ts";
import { RIGHT_OF_USERS } from "./users/right.ts";
import { WRONG_OF_USERS } from "./users/wrong.ts";
import { WRONG } from "./wrong.ts";

/** Minimum percentage of wrong programs that are reported. */
const REPORTED_MIN_PERCENT = 95;

const suites = [
  { scene: { folder: "", names: NAMES }, right: RIGHT, wrong: Object.values(WRONG).flat() },
  {
    scene: { folder: "shapes/", names: SHAPE_NAMES },
    right: Object.values(RIGHT_SHAPES),
    wrong: Object.values(WRONG_SHAPES),
  },
  {
    scene: { folder: "users/", names: USER_NAMES },
    right: Object.values(RIGHT_OF_USERS),
    wrong: Object.values(WRONG_OF_USERS),
  },
] as const;

const programs = new Programs();
const right = suites.flatMap(({ scene, right: all }) => all.map((program) => [programs.add(scene, program), program] as const));
const wrong = suites.flatMap(({ scene, wrong: all }) =>
  all.map(([reports, program]) => ({ file: programs.add(scene, program), reports, program })),
);

test("right programs get no report", () => {
  expect(right.length).toBeGreaterThanOrEqual(390);
  expect(new Set(right.map(([, program]) => program)).size).toBe(right.length);
  const reported = right.map(([file, program]) => [programs.reportsOf(file), program]).filter(([reports]) => reports !== "");
  expect(reported).toEqual([]);
});

test("at least 95 % of wrong programs are reported, each with the right message", () => {
  expect(wrong.length).toBeGreaterThanOrEqual(370);
  expect(new Set(wrong.map(({ program }) => program)).size).toBe(wrong.length);
  const found = wrong.map(({ file, program }) => [programs.reportsOf(file), program] as const);
  expect(found).toEqual(wrong.map(({ reports, program }) => [reports, program]));
  const reported = found.filter(([reports]) => reports !== "");
  expect((100 * reported.length) / wrong.length).toBeGreaterThanOrEqual(REPORTED_MIN_PERCENT);
});

test("the plugin has its rules", () => {
  const rules = Object.keys(linear.rules);
  expect(rules).toEqual(["exactly-once", "no-discard", "no-forgotten", "no-unperformed", "typed-imports"]);
  expect(Object.keys(linear.configs.recommended.rules ?? {})).toEqual(rules.map((name) => `linear/${name}`));
});
