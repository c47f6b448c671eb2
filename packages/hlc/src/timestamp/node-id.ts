import { InvalidTimestampError } from "../errors.ts";

/** Maximum length of a node's name, in characters. */
export const NODE_ID_LENGTH_MAX = 64;

const NODE_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;

/** The last name that passed. A clock checks its own name with every stamp, and this makes that a single comparison. */
let passed = "";

/**
 * Refuses an invalid node name. Names are plain ASCII, so that strings and bytes sort alike.
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
