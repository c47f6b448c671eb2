/** Verdicts on tokens of the vectors, on Node and in a browser. */
import { fromHex } from "@void-system/bytes";
import { CapabilityManager, type CaveatKind, CaveatVerifier, MacaroonFactory, openSealedKey, parseToken, verifyToken } from "../src/index.ts";
import { anyCaveat } from "./any-caveat.ts";

/** A token to be judged. */
export interface Judged {
  readonly name: string;
  readonly form: "binary" | "json";
  readonly expected: "accept" | "reject" | "either";
  readonly keyHex: string;
  readonly token: string;
  readonly discharges: readonly string[];
  readonly satisfiedHex: readonly string[];
}

const context = { timeMs: 0, resource: "/", operation: "read" };

/** Accepts under the key of the vector, and no caveat but those of the kind. */
export function managerOf(keyHex: string, kind: CaveatKind): CapabilityManager {
  const factory = new MacaroonFactory(new Uint8Array(32).fill(1));
  return new CapabilityManager(factory, new CaveatVerifier([kind]), { openSealedKey, keyOf: () => fromHex(keyHex) });
}

/** Returns the verdict on a vector. */
export function accepts({ token, discharges: given, keyHex, satisfiedHex }: Judged): boolean {
  const parsed = parseToken(token);
  const discharges = given.map((text) => parseToken(text)).flatMap((one) => (one.ok ? [one.macaroon] : []));
  if (!parsed.ok || discharges.length < given.length) return false;
  const kind = anyCaveat(new Set(satisfiedHex.map((text) => new TextDecoder().decode(fromHex(text)))));
  const { ok } = managerOf(keyHex, kind).verify(parsed.macaroon, context, { discharges });
  const alone = verifyToken(parsed.macaroon, context, { keyOf: () => fromHex(keyHex), verifier: new CaveatVerifier([kind]), openSealedKey, discharges });
  if (alone.ok !== ok) throw new Error("verifyToken and CapabilityManager disagree");
  return ok;
}
