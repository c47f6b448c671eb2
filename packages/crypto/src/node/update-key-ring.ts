import * as crypto from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { requireOptions } from "../arguments.ts";
import { typeNameOf } from "../bytes.ts";
import { InvalidOptionError, KeyFileConflictError } from "../errors.ts";
import type { SignatureAlgorithm } from "../keys/algorithm.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import type { SignatureScheme } from "../keys/signature.ts";
import { readKeyRing, writeKeyRing } from "./key-ring-file.ts";

/** Default time for which a change of a ring is tried again, in milliseconds. */
export const UPDATE_TIMEOUT_MS_DEFAULT = 10_000;
const PAUSE_MIN_MS = 2;
const PAUSE_MAX_MS = 64;

/** Options of {@link updateKeyRing}. */
export interface UpdateKeyRingOptions {
  /** Time for which the change is tried again while other writers are faster, in milliseconds. @defaultValue 10_000 */
  readonly timeoutMs?: number;
}

/**
 * Reads a key ring, changes it and writes it back, and does so again if another process has changed the file meanwhile. Resolves
 * to the ring as it is on the disk, which the caller destroys. Of several writers each change is made, one after another.
 *
 * @param change is called with the ring as it is in the file, once for each attempt, and is done when it returns. The keys that it
 * adds belong to the ring, and are destroyed with it if the attempt fails: make them in `change`.
 * @throws KeyFileConflictError if other writers were faster until `timeoutMs` was over, or the lock of a writer cannot be taken over.
 * @throws InvalidOptionError for an unknown option, or a change that returns something.
 * @throws The errors of `change`, of {@link readKeyRing} and of {@link writeKeyRing}, at once. The file is then unchanged.
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { createKeyRing, ed25519, generateKey } from "@void-system/crypto";
 * import { updateKeyRing, writeKeyRing } from "@void-system/crypto/node";
 *
 * const path = join(mkdtempSync(join(tmpdir(), "keys-")), "issuer.ring");
 * writeKeyRing(path, createKeyRing(ed25519, generateKey("ed25519"), { fromMs: 0, overlapMs: 1_000 }));
 *
 * const rotate = (fromMs: number) =>
 *   updateKeyRing(path, ed25519, (ring) => ring.rotate(generateKey("ed25519"), { fromMs, overlapMs: 1_000 }));
 * using ring = await rotate(90_000);
 * ring.keys.length; // => 2
 * ```
 */
export async function updateKeyRing<A extends SignatureAlgorithm>(
  path: string,
  scheme: SignatureScheme<A>,
  change: (ring: KeyRing<A>) => undefined | void,
  options: UpdateKeyRingOptions = {}
): Promise<KeyRing<A>> {
  requireOptions(options, ["timeoutMs"]);
  const { timeoutMs = UPDATE_TIMEOUT_MS_DEFAULT } = options;
  if (typeof change !== "function") throw new InvalidOptionError("a function that changes the ring", typeNameOf(change));
  if (typeof timeoutMs !== "number" || !(timeoutMs >= 0)) throw new InvalidOptionError("timeoutMs of 0 or more", String(timeoutMs));
  const endMs = performance.now() + timeoutMs;
  for (let pauseMs = PAUSE_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    const ring = attempt(path, scheme, change, performance.now() >= endMs);
    if (ring !== undefined) return ring;
    await sleep(crypto.randomInt(1, pauseMs + 1)); // by chance, so that two writers do not meet again and again
  }
}

/** Returns undefined if another writer was faster. */
function attempt<A extends SignatureAlgorithm>(
  path: string,
  scheme: SignatureScheme<A>,
  change: (ring: KeyRing<A>) => undefined | void,
  isLast: boolean
): KeyRing<A> | undefined {
  const ring = readKeyRing(path, scheme);
  try {
    const answer: unknown = change(ring);
    if (answer instanceof Promise) answer.catch(() => undefined); // it is refused, whatever it comes to
    if (answer !== undefined) throw new InvalidOptionError("a change that is done when it returns, with nothing", typeNameOf(answer));
    writeKeyRing(path, ring);
    return ring;
  } catch (error) {
    ring.destroy();
    if (isLast || !(error instanceof KeyFileConflictError)) throw error;
    return undefined;
  }
}
