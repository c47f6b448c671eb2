/** The platform's own clock: the only file of this package that reads it. */

/** Milliseconds since 1970 by the clock of this machine. */
export function platformWallMs(): number {
  return Date.now();
}
