/** The only file of this package that reads the platform's clock. */

/** Returns the milliseconds since 1970 by the machine's clock. */
export function platformWallMs(): number {
  return Date.now();
}
