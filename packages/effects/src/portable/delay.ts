/**
 * A delay of a timer, as every clock takes it: 0 or less is soon, Infinity is never.
 *
 * @throws RangeError when it is no number: a timer that is never heard of again is hard to find.
 */
export function delayOf(delayMs: number): number {
  if (!(delayMs >= -Infinity)) throw new RangeError(`expected a delay in milliseconds, got ${delayMs}`);
  return Math.max(0, delayMs);
}
