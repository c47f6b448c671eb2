/** Returns how often a property is tried: by `npm test`, and by `npm run torture`, which has the time. */
export function runs(quick: number, torture: number): number {
  return process.env["MACAROON_TORTURE"] === undefined ? quick : torture;
}
