/**
 * Normalizes the delay of a timer for every clock: 0 or less means soon, `Infinity` means never.
 *
 * @throws RangeError when the delay is NaN, because a timer that silently never fires is hard to find.
 */
export function delayOf(delayMs: number): number {
  if (!(delayMs >= -Infinity)) throw new RangeError(`expected a delay in milliseconds, got ${delayMs}`);
  return Math.max(0, delayMs);
}
