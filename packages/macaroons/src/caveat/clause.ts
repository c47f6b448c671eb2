/** A first-party caveat in its place. */
export interface Clause {
  /** The caveat; `undefined` if it is not UTF-8. */
  readonly text: string | undefined;
  /** Number of links behind it: later caveats of a macaroon, later blocks of a public token. */
  readonly behind: number;
}
