/** Longest name, in characters, which are ASCII: a byte each. */
export const NAME_LENGTH_MAX = 64;
/** The rule of {@link isName}, for messages. */
export const NAME_RULE = "1 to 64 characters out of A-Z a-z 0-9 . _ : @ - that begin with a letter or digit";
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;

/**
 * Returns true for a string that may name a cluster or a node: 1 to 64 of `A-Z a-z 0-9 . _ : @ -`, beginning with a letter or
 * digit.
 */
export function isName(name: unknown): name is string {
  return typeof name === "string" && name.length <= NAME_LENGTH_MAX && NAME.test(name);
}
