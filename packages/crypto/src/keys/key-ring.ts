import { requireObject, requireOptions, requireTime, shownTime } from "../arguments.ts";
import type { KeyId } from "../brand.ts";
import { typeNameOf } from "../bytes.ts";
import { InvalidOptionError, NoSigningKeyError } from "../errors.ts";
import type { PublicKey } from "./public-key.ts";
import type { SecretKey } from "./secret-key.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import type { SignatureScheme, Signer } from "./signature.ts";
import { type AcceptedKey, KEY_RING_KEYS_MAX, requireScheme, verifierRing, type VerifierRing } from "./verifier-ring.ts";

/** A key of a ring, with its times, and its secret while the ring has it. */
export interface RingKey<A extends SignatureAlgorithm> extends AcceptedKey {
  /** Id of the key. */
  readonly keyId: KeyId;
  /** First millisecond at which the key signs. Its turn ends when the next key's begins. */
  readonly signsFromMs: number;
  /** The secret; undefined once the key no longer signs. It does not show itself: see {@link SecretKey}. */
  readonly secret: SecretKey<A> | undefined;
}

/** A key in storage: its times, and its known half. */
export interface StoredKey<A extends SignatureAlgorithm> {
  /** The secret, or the bytes of the public key once the secret is gone. */
  readonly half: SecretKey<A> | Uint8Array;
  /** First millisecond at which the key signs. */
  readonly signsFromMs: number;
  /** First millisecond at which the key is accepted. */
  readonly notBeforeMs: number;
  /** First millisecond at which the key is no longer accepted, or `Infinity`. */
  readonly notAfterMs: number;
}

/** Times of a key's turn. */
export interface RotateOptions {
  /** First millisecond at which the key signs. */
  readonly fromMs: number;
  /**
   * Time for which the key is accepted before its turn, and its predecessor after that: at least the maximum age of a
   * signature when it is verified, and the maximum difference between two clocks.
   */
  readonly overlapMs: number;
}

/** A signature, with the id of the key that made it. */
export interface RingSignature {
  /** Id of the key, sent along so that the verifier need not try all keys. */
  readonly keyId: KeyId;
  /** The signature. */
  readonly signature: Uint8Array;
}

/** The printable form of a ring. */
export interface ShownRing {
  /** The signature scheme. */
  readonly algorithm: SignatureAlgorithm;
  /** Ids of its keys, the oldest first. */
  readonly keys: readonly KeyId[];
  /** Shown in place of the secrets. */
  readonly secret: "[hidden]";
}

/**
 * The keys of one signer over time: one that signs, earlier ones that are still accepted, and later ones that already
 * are. The ring owns their secrets. The caller passes the time. If two machines use one ring, their clocks may differ
 * by the overlap.
 *
 * @example
 * ```ts
 * import { createKeyRing, ed25519, generateKey } from "@void-system/crypto";
 *
 * const day = 86_400_000;
 * using ring = createKeyRing(ed25519, generateKey("ed25519"), { fromMs: 100 * day, overlapMs: day });
 * const bytes = Uint8Array.of(1);
 * const old = ring.sign(bytes, 101 * day);
 *
 * ring.rotate(generateKey("ed25519"), { fromMs: 130 * day, overlapMs: day });
 * const fresh = ring.sign(bytes, 130 * day);
 * fresh.keyId === old.keyId; // => false
 * ring.verify(bytes, old.signature, old.keyId, 130.5 * day); // => true
 * ring.verify(bytes, old.signature, old.keyId, 131 * day); // => false
 * ```
 */
export class KeyRing<A extends SignatureAlgorithm> implements VerifierRing<A> {
  /** Scheme of all its keys. */
  readonly scheme: SignatureScheme<A>;
  #keys: readonly RingKey<A>[];
  #verifiers: VerifierRing<A>;
  readonly #signers: Map<KeyId, Signer<A>> = new Map();

  /**
   * Restores a ring from keys in storage; {@link createKeyRing} makes a new ring. Takes ownership of the secrets.
   *
   * @throws {@link InvalidOptionError} for no keys, more than {@link KEY_RING_KEYS_MAX}, a duplicate key, or times in the
   * wrong order.
   * @throws {@link InvalidPublicKeyError} for a public key that the scheme refuses.
   * @throws {@link SecretDestroyedError} if a key was destroyed.
   */
  constructor(scheme: SignatureScheme<A>, keys: readonly StoredKey<A>[]) {
    requireScheme(scheme);
    this.scheme = scheme;
    if (!Array.isArray(keys)) throw new InvalidOptionError("an array of keys", typeNameOf(keys));
    if (keys.length === 0) throw new InvalidOptionError("at least one key", "none");
    const known = keys.map((stored: StoredKey<A>, index): RingKey<A> => {
      requireObject("a key with its times", stored);
      const { half, signsFromMs, notBeforeMs, notAfterMs } = stored;
      const before = keys[index - 1];
      const whole = [notBeforeMs, signsFromMs].every(isTime) && (notAfterMs === Infinity || isTime(notAfterMs));
      const inOrder =
        whole && notBeforeMs <= signsFromMs && signsFromMs < notAfterMs && (before?.signsFromMs ?? -1) < signsFromMs;
      if (!inOrder)
        throw new InvalidOptionError(
          "keys in the order of their turns, with times in whole, positive milliseconds",
          [notBeforeMs, signsFromMs, notAfterMs].map(shownTime).join(", ")
        );
      if (half instanceof Uint8Array) {
        const { keyId } = scheme.loadPublicKey(half);
        return { keyId, publicKey: new Uint8Array(half), signsFromMs, notBeforeMs, notAfterMs, secret: undefined };
      }
      const signer = scheme.signer(half);
      this.#signers.set(signer.keyId, signer);
      return { keyId: signer.keyId, publicKey: signer.publicKey, signsFromMs, notBeforeMs, notAfterMs, secret: half };
    });
    this.#verifiers = verifierRing(scheme, known);
    this.#keys = known;
  }

  /** The keys, the oldest first. Their `publicKey`, `notBeforeMs` and `notAfterMs` are what verifiers need. */
  get keys(): readonly RingKey<A>[] {
    return this.#keys;
  }

  /**
   * Signs with the key whose turn it is at `nowMs`. Before the first turn, the first key signs if it is already
   * accepted.
   *
   * @throws {@link NoSigningKeyError} if no key signs at `nowMs`.
   * @throws {@link InvalidOptionError} for a time that is not a number, or anything but bytes.
   */
  sign(bytes: Uint8Array, nowMs: number): RingSignature {
    requireTime("nowMs", nowMs);
    const able = this.#keys.filter(({ secret, notBeforeMs, notAfterMs }) => {
      return secret?.destroyed === false && notBeforeMs <= nowMs && nowMs < notAfterMs;
    });
    const key = able.findLast(({ signsFromMs }) => signsFromMs <= nowMs) ?? able[0];
    const signer = key && this.#signers.get(key.keyId);
    if (signer === undefined) throw new NoSigningKeyError(nowMs);
    return { keyId: signer.keyId, signature: signer.sign(bytes) };
  }

  accepted(nowMs: number): readonly PublicKey<A>[] {
    return this.#verifiers.accepted(nowMs);
  }

  verify(bytes: Uint8Array, signature: Uint8Array, keyId: KeyId, nowMs: number): boolean {
    return this.#verifiers.verify(bytes, signature, keyId, nowMs);
  }

  /**
   * Adds a key and takes ownership of its secret. The key signs from `fromMs` on, and its predecessor is accepted for
   * `overlapMs` longer. Choose `fromMs` late enough that all verifiers know the new public key by that time.
   *
   * @throws {@link InvalidOptionError} for a full ring, a key that is already in it, a `fromMs` that is not after the last
   * key's, or times that are not whole, positive milliseconds. The secret then remains the caller's.
   * @throws {@link SecretDestroyedError} if the key was destroyed.
   */
  rotate(next: SecretKey<A>, options: RotateOptions): void {
    const { fromMs, overlapMs } = times(options);
    const last = this.#keys.at(-1);
    const turn = beginning(fromMs, overlapMs);
    if (last !== undefined && fromMs <= last.signsFromMs) {
      throw new InvalidOptionError(`fromMs after ${last.signsFromMs}, when the last key began`, `${fromMs}`);
    }
    if (this.#keys.length >= KEY_RING_KEYS_MAX) {
      throw new InvalidOptionError(
        `a ring of fewer than ${KEY_RING_KEYS_MAX} keys: retire the old ones first`,
        "a full ring"
      );
    }
    const signer = this.scheme.signer(next);
    const { publicKey, keyId } = signer;
    const until = Math.min(last?.notAfterMs ?? Infinity, fromMs + overlapMs); // a key that ends sooner is not revived
    const before = this.#keys.map((key) => (key === last ? { ...key, notAfterMs: until } : key));
    this.#replace([...before, { publicKey, keyId, secret: next, ...turn }]);
    this.#signers.set(keyId, signer);
  }

  /**
   * Destroys the secrets of keys whose turn is over at `nowMs`, and drops keys that are no longer accepted. The last
   * key's name and times stay. Pass a time that will not come back.
   *
   * @throws {@link InvalidOptionError} for a time that is not a finite number; nothing is destroyed then.
   * @throws LinearTypeError (of `@void-system/linear`) while a secret to be destroyed is borrowed: call it again.
   */
  retire(nowMs: number): void {
    if (!Number.isFinite(nowMs)) throw new InvalidOptionError("nowMs in milliseconds", shownTime(nowMs));
    const current = this.#keys.findLastIndex(({ signsFromMs }) => signsFromMs <= nowMs);
    const spent = (key: RingKey<A>, index: number): boolean => index < current || key.notAfterMs <= nowMs;
    this.#forget(this.#keys.filter(spent));
    const known = this.#keys.map((key, index) => (spent(key, index) ? { ...key, secret: undefined } : key));
    this.#replace(known.filter((key, index) => key.notAfterMs > nowMs || index === known.length - 1));
  }

  /**
   * Destroys all secrets. The ring can still verify.
   *
   * @throws LinearTypeError (of `@void-system/linear`) while one is borrowed. The others are gone then: call it again.
   */
  destroy(): void {
    this.#forget(this.#keys);
  }

  /** Calls {@link KeyRing.destroy}, for `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  /** Returns the printable form, without the secrets. */
  toJSON(): ShownRing {
    return { algorithm: this.scheme.algorithm, keys: this.#keys.map(({ keyId }) => keyId), secret: "[hidden]" };
  }

  #replace(keys: readonly RingKey<A>[]): void {
    this.#verifiers = verifierRing(this.scheme, keys);
    this.#keys = keys;
  }

  /** Destroys secrets and drops their signers. A borrowed secret does not stop the others from being destroyed. */
  #forget(keys: readonly RingKey<A>[]): void {
    const thrown: unknown[] = [];
    for (const { secret, keyId } of keys) {
      this.#signers.delete(keyId);
      try {
        secret?.destroy();
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }
}

/**
 * Makes a ring with its first key, and takes ownership of its secret.
 *
 * @throws {@link InvalidOptionError} for times that are not whole, positive milliseconds.
 * @throws {@link SecretDestroyedError} if the key was destroyed.
 * @example
 * ```ts
 * import { createKeyRing, ed25519, generateKey } from "@void-system/crypto";
 *
 * using ring = createKeyRing(ed25519, generateKey("ed25519"), { fromMs: 1_000, overlapMs: 100 });
 * ring.accepted(900).length; // => 1
 * ring.accepted(899).length; // => 0
 * ```
 */
export function createKeyRing<A extends SignatureAlgorithm>(
  scheme: SignatureScheme<A>,
  first: SecretKey<A>,
  options: RotateOptions
): KeyRing<A> {
  const { fromMs, overlapMs } = times(options);
  return new KeyRing(scheme, [{ half: first, ...beginning(fromMs, overlapMs) }]);
}

/** Returns the times that were given, under their names and no others. */
function times(options: RotateOptions): RotateOptions {
  requireOptions(options, ["fromMs", "overlapMs"]);
  return options;
}

/** Returns the times of a key without a successor. */
function beginning(fromMs: number, overlapMs: number): Omit<StoredKey<never>, "half"> {
  if (!isTime(fromMs) || !isTime(overlapMs) || !isTime(fromMs + overlapMs)) {
    throw new InvalidOptionError("fromMs and overlapMs in whole, positive milliseconds", `${shownTime(fromMs)} and ${shownTime(overlapMs)}`);
  }
  return { signsFromMs: fromMs, notBeforeMs: Math.max(0, fromMs - overlapMs), notAfterMs: Infinity };
}

/** Returns true for a time that a ring file can hold: a whole number of milliseconds since 1970. */
function isTime(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
