/**
 * The protocol's {@link Wire}: bytes at the edge, authentic messages inside. A core signs what it says (its own votes
 * become part of certificates), so `seal` only encodes; `open` decodes and checks every signature and certificate.
 */
import { toHex } from "@void-system/bytes";
import { verified, type Clock, type PeerId, type Wire } from "@void-system/effects";
import { refusal } from "./authentication.ts";
import type { Configuration } from "../configuration.ts";
import { messageCodec } from "./message-codec.ts";
import type { Message } from "./message.ts";
import { Turns } from "./turns.ts";
import type { Digest, Ports, Verify } from "../ports.ts";

/** Verdicts remembered by one wire. */
const REMEMBERED_MAX = 8_192;

/** The surroundings of a wire. Without them every frame is verified, at once. */
export interface WireOptions {
  /** Returns whether a message may matter, asked before it is verified. */
  readonly matters?: (from: PeerId, message: Message) => boolean;
  /** The clock by which each peer has its share of the thread. */
  readonly clock?: Pick<Clock, "monotonicMs" | "schedule">;
}

/** The wire of one node. */
export interface PbftWire extends Wire<Message> {
  /** Takes note of what this node has signed itself: when others send it back, it is not verified. */
  vouch(signer: PeerId, statement: Uint8Array, signature: Uint8Array): void;
}

/**
 * Makes the wire of one node.
 *
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * import { configuration, pbftWire } from "@void-system/pbft";
 * const cluster = configuration({ replicas: ["a", "b", "c", "d"] });
 * const wire = pbftWire(cluster, { verify: () => true, digest: (bytes) => new Uint8Array(32).fill(bytes.length) });
 * const frame = wire.seal({ type: "fetch-slots", from: 3 }, [peerId("b")]);
 * let from = 0;
 * wire.open(peerId("a"), frame, (message) => { if (message.type === "fetch-slots") from = message.from; }, () => {});
 * from; // => 3
 * ```
 */
export function pbftWire(cluster: Configuration, ports: Omit<Ports, "sign">, options: WireOptions = {}): PbftWire {
  const { matters, clock } = options;
  const codec = messageCodec(cluster, ports.digest);
  let verifications = 0;
  const memory = new Memory(ports.digest);
  const checks = {
    digest: ports.digest,
    verify: memory.remembering((signer, bytes, signature) => {
      verifications += 1;
      return ports.verify(signer, bytes, signature);
    }),
  };
  const turns = clock && new Turns(clock, () => verifications);
  const open: Wire<Message>["open"] = (from, frame, accept, reject) => {
    const decoded = codec.decode(frame);
    if (!decoded.ok) return reject(decoded.reason);
    if (matters?.(from, decoded.value) === false) return reject(`${decoded.value.type}: changes nothing`);
    const reason = refusal(cluster, checks, from, decoded.value);
    return reason === undefined ? accept(verified(decoded.value)) : reject(reason);
  };
  return {
    seal: codec.encode,
    open(from, frame, accept, reject) {
      if (turns === undefined) open(from, frame, accept, reject);
      else if (!turns.take(from, frame.length, () => open(from, frame, accept, reject)))
        reject("more than its share waits");
    },
    vouch: (signer, statement, signature) => memory.note(memory.keyOf(signer, statement, signature)),
  };
}

/**
 * The same vote comes alone and then again in certificates, and the same VIEW-CHANGE in NEW-VIEWs; a hash is thirty
 * times cheaper than a verification. Only successes are remembered: a key that is learned later must be tried again.
 */
class Memory {
  readonly #digest: Digest;
  readonly #known = new Set<string>();

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  keyOf(signer: PeerId, bytes: Uint8Array, signature: Uint8Array): string {
    return `${signer} ${toHex(signature)} ${toHex(this.#digest(bytes))}`;
  }

  note(key: string): void {
    const [oldest] = this.#known;
    if (oldest !== undefined && this.#known.size >= REMEMBERED_MAX) this.#known.delete(oldest);
    this.#known.add(key);
  }

  remembering(verify: Verify): Verify {
    return (signer, bytes, signature) => {
      const key = this.keyOf(signer, bytes, signature);
      if (this.#known.has(key)) return true;
      if (!verify(signer, bytes, signature)) return false;
      this.note(key);
      return true;
    };
  }
}
