/**
 * Decides if two runs failed for the same reason, as far as a machine can know.
 */
import { isOurs } from "../own-frames.ts";
import type { SimulationFailure } from "../scenario/scenario.ts";

/**
 * Returns true for failures of one kind and name. The name is that of the check, of the platform function that was
 * used, or of the condition that was waited for. Errors thrown by nodes have few names, so they must also come from the
 * same place in the code.
 */
export function isSameFailure(one: SimulationFailure, other: SimulationFailure): boolean {
  if (one.kind !== other.kind || one.name !== other.name) return false;
  return one.kind !== "node" || placeOf(one.error.cause) === placeOf(other.error.cause);
}

/** Returns the first line of an error's stack that names a place in the user's code. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const stack = String(error.stack);
  // Some engines put the message first, and it may look like anything.
  const from = stack.indexOf(error.message) + error.message.length;
  const lines = (from < error.message.length ? stack : stack.slice(from)).split("\n");
  return lines.find((line) => /:\d+:\d+\)?$/.test(line) && !isOurs(line))?.trim() ?? "";
}
