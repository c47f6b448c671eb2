import { InvalidTimestampError } from "../errors.ts";

/** Longest name of a node, in characters. */
export const NODE_ID_LENGTH_MAX = 64;

const NODE_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;

/** The name that passed last: a clock checks its own name with every stamp, and this makes that one comparison. */
let passed = "";

/**
 * Refuses what cannot name a node. Names are plain ASCII, so that strings and bytes sort alike.
 *
 * @throws {@link InvalidTimestampError}
 */
export function checkNodeId(nodeId: string): void {
  if (nodeId === passed) return;
  if (typeof nodeId !== "string" || nodeId.length > NODE_ID_LENGTH_MAX || !NODE_ID.test(nodeId)) {
    throw new InvalidTimestampError(`a node name of at most ${NODE_ID_LENGTH_MAX} characters, ${NODE_ID}`, nodeId);
  }
  passed = nodeId;
}
