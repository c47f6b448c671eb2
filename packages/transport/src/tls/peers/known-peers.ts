import { equalBytes } from "@void-system/bytes";
import { ed25519 } from "@void-system/crypto/node";
import type { Cancel, Clock } from "@void-system/effects";
import { keyIdOf, knockMessage, type KnockParts } from "./knock.ts";
import type { PinnedPeer } from "./peers.ts";

/**
 * Signatures that are checked a second. Each takes 0.1 ms, so all together take a fiftieth of the event loop. Half of them are for
 * whoever comes first. The other half is shared out to the listed peers, at least one to each, so that false knocks in the name of
 * one peer cannot use up all checks of the others.
 */
export const KNOCK_CHECKS_PER_SECOND = 200;
const SECOND_MS = 1_000;

interface KnownPeer {
  readonly peer: PinnedPeer;
  /** Signature of its knock, once it was checked: the same each time. */
  signature: Uint8Array | undefined;
  /** Signatures that were checked in this second, out of the peer's own share. */
  checks: number;
}

/** The listed peers, as far as a listener knows them by their knocks. */
export class KnownPeers {
  readonly #message: Uint8Array;
  readonly #clock: Pick<Clock, "schedule">;
  #byKeyId = new Map<string, KnownPeer>();
  /** Signatures that were checked in this second, out of the half that is nobody's own. */
  #commonChecks = 0;
  #cancel: Cancel | undefined;

  /** @param pin of this node, the listener */
  constructor(pin: string, clock: Pick<Clock, "schedule">) {
    this.#message = knockMessage(pin);
    this.#clock = clock;
  }

  replace(peers: readonly PinnedPeer[]): void {
    const before = this.#byKeyId;
    this.#byKeyId = new Map(
      peers.map((peer) => {
        const keyId = keyIdOf(peer.pin);
        return [keyId, { peer, signature: before.get(keyId)?.signature, checks: before.get(keyId)?.checks ?? 0 }];
      }),
    );
  }

  /**
   * Returns the pin of the listed peer that made a knock, or undefined. The signature of a peer is checked once, and compared from
   * then on. Of those that fail, a bounded number a second is checked.
   */
  pinOf({ keyId, signature }: KnockParts): string | undefined {
    const known = this.#byKeyId.get(keyId);
    if (known === undefined) return undefined;
    if (known.signature === undefined && this.#mayCheck(known) && ed25519.verify(this.#message, signature, known.peer.key))
      known.signature = new Uint8Array(signature);
    return known.signature !== undefined && equalBytes(known.signature, signature) ? known.peer.pin : undefined;
  }

  stop(): void {
    this.#cancel?.();
  }

  #mayCheck(known: KnownPeer): boolean {
    const share = Math.max(1, Math.floor(KNOCK_CHECKS_PER_SECOND / 2 / this.#byKeyId.size));
    if (known.checks < share) known.checks += 1;
    else if (this.#commonChecks < KNOCK_CHECKS_PER_SECOND / 2) this.#commonChecks += 1;
    else return false;
    this.#cancel ??= this.#clock.schedule(SECOND_MS, () => {
      this.#cancel = undefined;
      this.#commonChecks = 0;
      for (const peer of this.#byKeyId.values()) peer.checks = 0;
    });
    return true;
  }
}
