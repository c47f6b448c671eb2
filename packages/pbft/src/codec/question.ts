/**
 * A question to the sessions: what came of a number of the client that asks. It is ordered like any request, so the answer is of one
 * agreed time, the same on all replicas, and as provable as any result. "Never", at a time behind the `notAfter` of the request in
 * question, is for good: agreed times only grow, and behind it every replica refuses that request.
 */
import { ByteWriter, decodeAll } from "@void-system/bytes";

/** Fates of a number. */
export const Fate = {
  /** It was not executed up to this agreed time. */
  never: 0,
  /** A request was executed under it. Asked for again, it is answered with its result. */
  executed: 1,
  /** It is below what the sessions remember: it is not executed from here on, and whether it was is not known. */
  gone: 2,
} as const;
/** One of the values of `Fate`. */
export type Fate = (typeof Fate)[keyof typeof Fate];

/** The operation that asks about a number. */
export function encodeQuestion(number: number): Uint8Array {
  return new ByteWriter(8).u53(number).finish();
}

/** The number that an operation asks about, or undefined if it asks nothing. */
export function decodeQuestion(operation: Uint8Array): number | undefined {
  const decoded = decodeAll(operation, (reader) => reader.u53());
  return decoded.ok ? decoded.value : undefined;
}

/** The result that says a fate. */
export function encodeFate(fate: Fate): Uint8Array {
  return Uint8Array.of(fate);
}

/** The fate that a result says. */
export function decodeFate(result: Uint8Array): Fate | undefined {
  const [code, ...rest] = result;
  return rest.length > 0 ? undefined : Object.values(Fate).find((fate) => fate === code);
}
