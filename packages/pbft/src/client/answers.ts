/**
 * The answers of the replicas to one request. A result counts when f+1 have signed the same statement of its batch: one of
 * them is correct. Hints count when so many give the same one that enough correct ones are among them.
 */
import { equalBytes } from "@void-system/bytes";
import type { CommittedBatch } from "@void-system/crypto";
import { HintReason, type Hint, type Reply, type Result } from "../codec/message.ts";
import type { Configuration } from "../configuration.ts";

interface Signed {
  readonly executed: CommittedBatch;
  readonly result: Result;
  readonly signature: Uint8Array;
}

/** A result that f+1 replicas have signed. */
export interface Proven {
  readonly executed: CommittedBatch;
  readonly result: Result;
  /** f+1 signatures of the batch, in the order of their signers. */
  readonly signatures: readonly { readonly index: number; readonly signature: Uint8Array }[];
}

/** Answers to one request. */
export class Answers {
  readonly #cluster: Configuration;
  readonly #results = new Map<number, Signed>();
  readonly #hints = new Map<number, Hint>();

  constructor(cluster: Configuration) {
    this.#cluster = cluster;
  }

  /** Replicas that have answered. */
  get count(): number {
    return new Set([...this.#results.keys(), ...this.#hints.keys()]).size;
  }

  /** Counts a result that its sender has signed, and returns it once f+1 have. */
  addResult({ sender, executed, signature }: Reply, result: Result): Proven | undefined {
    this.#results.set(sender, { executed, result, signature });
    const signatures = [...this.#results]
      .filter(([, other]) => isSame(other, { executed, result }))
      .map(([index, other]) => ({ index, signature: other.signature }))
      .sort((a, b) => a.index - b.index)
      .slice(0, this.#cluster.weak);
    return signatures.length < this.#cluster.weak ? undefined : { executed, result, signatures };
  }

  /** Counts the hint of a replica. Returns true once enough replicas give the same reason. */
  addHint(sender: number, hint: Hint): boolean {
    this.#hints.set(sender, hint);
    let matching = 0;
    for (const { reason } of this.#hints.values()) if (reason === hint.reason) matching += 1;
    const { weak, quorum } = this.#cluster;
    // These name numbers to go on from: of 2f+1 the (f+1)-th highest is one that a correct replica has named, or less than it.
    const isNumbered = hint.reason === HintReason.stale || hint.reason === HintReason.ahead;
    return matching >= (isNumbered ? quorum : weak);
  }

  /** Returns the (f+1)-th highest value of the hints, which no liar can raise. */
  hinted(name: "agreedMs" | "highest"): number {
    const values = [...this.#hints.values()].map((hint) => hint[name]).sort((a, b) => b - a);
    return values[this.#cluster.weak - 1] ?? 0;
  }
}

/** A root binds all results below it, so the results need no comparison when a correct replica has signed it. */
function isSame(a: Omit<Signed, "signature">, b: Omit<Signed, "signature">): boolean {
  const { sequence, time, batch, root } = a.executed;
  return (
    sequence === b.executed.sequence &&
    time.physicalMs === b.executed.time.physicalMs &&
    time.logical === b.executed.time.logical &&
    time.proposer === b.executed.time.proposer &&
    equalBytes(batch, b.executed.batch) &&
    equalBytes(root, b.executed.root) &&
    equalBytes(a.result.path, b.result.path) &&
    equalBytes(a.result.result, b.result.result)
  );
}
