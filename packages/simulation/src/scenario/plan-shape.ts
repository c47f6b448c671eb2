/**
 * Shape of a run's plan, as read from a file.
 */
import { PEER_ID_LENGTH_MAX } from "@void-system/effects";
import type { Fault, FaultKind } from "../world/fault.ts";
import { conditionFields } from "../world/link-conditions.ts";
import { CALMS } from "./calm.ts";
import type { OperationTime, RunPlan } from "./scenario.ts";
import { array, integer, number, object, oneOf, optional, refuse, type Shape, string } from "./shape.ts";

/** Most entries of a list. */
export const ENTRIES_MAX = 100_000;
const MS_MAX = 1e12;

const whole = integer(0, Number.MAX_SAFE_INTEGER);
/** Shape of virtual milliseconds. */
export const ms: Shape<number> = number(0, MS_MAX);
const anyMs = number(-MS_MAX, MS_MAX);
/** Shape of a node's name. */
export const node: Shape<string> = string(new RegExp(`^.{1,${PEER_ID_LENGTH_MAX}}$`), "the name of a node");

/** Demands a shape for every field, including optional ones. */
export type Covers<T> = Readonly<Record<keyof T, unknown>>;

/** A list of exactly two nodes. */
const ends: Shape<readonly [string, string]> = (value, path) => {
  const [one, other, ...more] = array(node, 2)(value, path);
  return one === undefined || other === undefined || more.length > 0 ? refuse(path, "two nodes", value) : [one, other];
};

const conditions = object(conditionFields);

const lasting = { atMs: ms, forMs: optional(ms) };
const ofNode = { ...lasting, node };
const ofWay = { ...lasting, from: node, to: node };

/** One shape for each kind, so a new kind without a shape does not compile. */
const faults: { readonly [K in FaultKind]: Shape<Extract<Fault, { readonly kind: K }>> } = {
  crash: object({ kind: oneOf("crash"), ...ofNode }),
  pause: object({ kind: oneOf("pause"), ...ofNode }),
  partition: object({ kind: oneOf("partition"), ...lasting, groups: array(array(node, ENTRIES_MAX), ENTRIES_MAX) }),
  block: object({ kind: oneOf("block"), ...ofWay }),
  clog: object({ kind: oneOf("clog"), ...ofWay }),
  link: object({ kind: oneOf("link"), ...ofWay, conditions }),
  flap: object({ kind: oneOf("flap"), ...lasting, between: ends, periodMs: number(0.001, MS_MAX) }),
  "clock-jump": object({ kind: oneOf("clock-jump"), atMs: ms, node, byMs: anyMs }),
  "clock-rate": object({ kind: oneOf("clock-rate"), ...ofNode, driftPpm: number(-999_999, 1e9) }),
  "clock-freeze": object({ kind: oneOf("clock-freeze"), ...ofNode }),
  "disk-full": object({ kind: oneOf("disk-full"), ...ofNode }),
  "disk-slow": object({ kind: oneOf("disk-slow"), ...ofNode, byMs: ms }),
  "bit-rot": object({ kind: oneOf("bit-rot"), atMs: ms, node }),
};

/** All kinds of faults. */
// The type demands exactly these keys.
export const FAULT_KINDS: readonly FaultKind[] = Object.keys(faults) as FaultKind[];

/** Shape of a fault. */
export const fault: Shape<Fault> = (value, path) => {
  const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  const known = Object.entries(faults).find(([name]) => name === kind);
  return known ? known[1](value, path) : refuse(`${path}.kind`, `one of ${FAULT_KINDS.join(", ")}`, kind);
};

const calm = oneOf(...CALMS);

/** Shape of a plan. */
export const planShape: Shape<RunPlan> = object({
  seed: whole,
  faults: array(fault, ENTRIES_MAX),
  decisions: array(object({ event: whole, pick: whole }), ENTRIES_MAX),
  omitted: array(whole, ENTRIES_MAX),
  times: optional(array(object({ index: whole, atMs: ms } satisfies Covers<OperationTime>), ENTRIES_MAX)),
  calm: array(calm, ENTRIES_MAX),
  forks: array(object({ event: whole, seed: whole }), ENTRIES_MAX),
  untilMs: optional(ms),
} satisfies Covers<RunPlan>);
