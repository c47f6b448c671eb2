import type { KeyId } from "../brand.ts";
import { InvalidOptionError, NoSigningKeyError } from "../errors.ts";
import type { PublicKey } from "./public-key.ts";
import type { SecretKey } from "./secret-key.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import type { SignatureScheme, Signer } from "./signature.ts";
import { type AcceptedKey, KEY_RING_KEYS_MAX, verifierRing, type VerifierRing } from "./verifier-ring.ts";

/** A key of a ring: when it signs, when it is accepted, and its secret while the ring has it. */
export interface RingKey<A extends SignatureAlgorithm> extends AcceptedKey {
  /** Name of the key. */
  readonly keyId: KeyId;
  /** First millisecond at which it signs, until the next key does. */
  readonly signsFromMs: number;
  /** The secret; undefined once it signs no more. It does not show itself: see {@link SecretKey}. */
  readonly secret: SecretKey<A> | undefined;
}

/** A key as it is stored: its times, and the half of it that is known. */
export interface StoredKey<A extends SignatureAlgorithm> {
  /** The secret, or the bytes of the public key once the secret is gone. */
  readonly half: SecretKey<A> | Uint8Array;
  /** First millisecond at which it signs. */
  readonly signsFromMs: number;
  /** First millisecond at which it is accepted. */
  readonly notBeforeMs: number;
  /** First millisecond at which it is not accepted any more, or `Infinity`. */
  readonly notAfterMs: number;
}

/** When a key takes over. */
export interface RotateOptions {
  /** First millisecond at which it signs. */
  readonly fromMs: number;
  /**
   * How long before that it is already accepted, and its predecessor still is afterwards: at least the age that a
   * signature may have when it is verified, and the most that two clocks differ.
   */
  readonly overlapMs: number;
}

/** A signature, and the id of the key that made it. */
export interface RingSignature {
  /** Which key: sent along, so that the verifier need not try all. */
  readonly keyId: KeyId;
  /** The signature. */
  readonly signature: Uint8Array;
}

/** What may be seen of a ring. */
export interface ShownRing {
  /** The signature scheme. */
  readonly algorithm: SignatureAlgorithm;
  /** The ids of its keys, the oldest first. */
  readonly keys: readonly KeyId[];
  /** In place of the secrets. */
  readonly secret: "[hidden]";
}

/**
 * The keys of one signer over time: one that signs, those before it that still count, those after it that already do. It
 * owns their secrets. Time is handed in; where two machines use one ring, their clocks may differ by the overlap.
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
  /** The scheme of all its keys. */
  readonly scheme: SignatureScheme<A>;
  #keys: readonly RingKey<A>[];
  #verifiers: VerifierRing<A>;
  readonly #signers: Map<KeyId, Signer<A>> = new Map();

  /**
   * A ring of keys that were in one before; {@link createKeyRing} begins a new one. It takes over the secrets.
   *
   * @throws {@link InvalidOptionError} for no key, more than {@link KEY_RING_KEYS_MAX}, a key twice, or times in the wrong
   * order.
   * @throws {@link InvalidPublicKeyError} for a public key that the scheme refuses.
   * @throws {@link SecretDestroyedError} if a key was destroyed.
   */
  constructor(scheme: SignatureScheme<A>, keys: readonly StoredKey<A>[]) {
    this.scheme = scheme;
    if (keys.length === 0) throw new InvalidOptionError("at least one key", "none");
    const known = keys.map(({ half, signsFromMs, notBeforeMs, notAfterMs }, index): RingKey<A> => {
      const before = keys[index - 1];
      const whole = [notBeforeMs, signsFromMs].every(isTime) && (notAfterMs === Infinity || isTime(notAfterMs));
      const inOrder =
        notBeforeMs <= signsFromMs && signsFromMs < notAfterMs && (before?.signsFromMs ?? -1) < signsFromMs;
      if (!whole || !inOrder)
        throw new InvalidOptionError(
          "keys in the order of their turns, with times in whole, positive milliseconds",
          `${notBeforeMs}, ${signsFromMs}, ${notAfterMs}`
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

  /** Its keys, the oldest first. What others verify with is in there: `publicKey`, `notBeforeMs`, `notAfterMs`. */
  get keys(): readonly RingKey<A>[] {
    return this.#keys;
  }

  /**
   * Signs with the key whose turn it is at `nowMs`; before the first one's, with the first, if it is accepted already.
   *
   * @throws {@link NoSigningKeyError} if no key signs at `nowMs`.
   */
  sign(bytes: Uint8Array, nowMs: number): RingSignature {
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
   * Adds a key, whose secret it takes over: it signs from `fromMs` on, and the one before it is accepted for `overlapMs`
   * longer. Choose `fromMs` late enough that all verifiers know the new public key before.
   *
   * @throws {@link InvalidOptionError} for a ring that is full, a key that is in it, a `fromMs` that is not after the last
   * key's, or times that are no whole, positive milliseconds. The secret stays the caller's then.
   * @throws {@link SecretDestroyedError} if the key was destroyed.
   */
  rotate(next: SecretKey<A>, { fromMs, overlapMs }: RotateOptions): void {
    const last = this.#keys.at(-1);
    const times = beginning(fromMs, overlapMs);
    if (last !== undefined && fromMs <= last.signsFromMs) {
      throw new InvalidOptionError(`fromMs after ${last.signsFromMs}, when the last key began`, `${fromMs}`);
    }
    if (this.#keys.length >= KEY_RING_KEYS_MAX) {
      throw new InvalidOptionError(
        `room for one key more than ${KEY_RING_KEYS_MAX}: retire the old ones first`,
        "a full ring"
      );
    }
    const signer = this.scheme.signer(next);
    const { publicKey, keyId } = signer;
    const until = Math.min(last?.notAfterMs ?? Infinity, fromMs + overlapMs); // a key that ends sooner is not revived
    const before = this.#keys.map((key) => (key === last ? { ...key, notAfterMs: until } : key));
    this.#replace([...before, { publicKey, keyId, secret: next, ...times }]);
    this.#signers.set(keyId, signer);
  }

  /**
   * Destroys the secrets of keys that have had their turn by `nowMs`, and forgets keys that are not accepted any more;
   * the last key's name and times stay. Hand in a time that will not come back.
   *
   * @throws {@link InvalidOptionError} for a time that is no finite number: nothing is destroyed then.
   * @throws LinearTypeError (of `@void-system/linear`) while somebody borrows a secret that would go: call it again.
   */
  retire(nowMs: number): void {
    if (!Number.isFinite(nowMs)) throw new InvalidOptionError("nowMs in milliseconds", `${nowMs}`);
    const current = this.#keys.findLastIndex(({ signsFromMs }) => signsFromMs <= nowMs);
    const spent = (key: RingKey<A>, index: number): boolean => index < current || key.notAfterMs <= nowMs;
    this.#forget(this.#keys.filter(spent));
    const known = this.#keys.map((key, index) => (spent(key, index) ? { ...key, secret: undefined } : key));
    this.#replace(known.filter((key, index) => key.notAfterMs > nowMs || index === known.length - 1));
  }

  /**
   * Destroys all its secrets; it verifies still.
   *
   * @throws LinearTypeError (of `@void-system/linear`) while somebody borrows one: the others are gone, call it again.
   */
  destroy(): void {
    this.#forget(this.#keys);
  }

  /** The same as {@link KeyRing.destroy}, for `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  /** What JSON shows: never a secret. */
  toJSON(): ShownRing {
    return { algorithm: this.scheme.algorithm, keys: this.#keys.map(({ keyId }) => keyId), secret: "[hidden]" };
  }

  #replace(keys: readonly RingKey<A>[]): void {
    this.#verifiers = verifierRing(this.scheme, keys);
    this.#keys = keys;
  }

  /** One secret that is lent out does not save the others. */
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
 * Begins a ring with its first key, whose secret it takes over.
 *
 * @throws {@link InvalidOptionError} for times that are no whole, positive milliseconds.
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
  { fromMs, overlapMs }: RotateOptions
): KeyRing<A> {
  return new KeyRing(scheme, [{ half: first, ...beginning(fromMs, overlapMs) }]);
}

/** The times of a key that nothing follows yet. */
function beginning(fromMs: number, overlapMs: number): Omit<StoredKey<never>, "half"> {
  if (![fromMs, overlapMs, fromMs + overlapMs].every(isTime)) {
    throw new InvalidOptionError("fromMs and overlapMs in whole, positive milliseconds", `${fromMs} and ${overlapMs}`);
  }
  return { signsFromMs: fromMs, notBeforeMs: Math.max(0, fromMs - overlapMs), notAfterMs: Infinity };
}

/** What a ring file can hold: a whole number of milliseconds since 1970. */
function isTime(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
