/** A transfer under way: which chunks of a certified state have come, and who was asked for the others. */
import { toHex } from "@void-system/bytes";
import type { StableCertificate } from "../codec/certificate.ts";
import type { Manifest } from "../codec/manifest.ts";
import { CHUNKS_OUTSTANDING_MAX } from "../limits.ts";

/** A question for a chunk. */
export interface ChunkQuestion {
  readonly peer: number;
  readonly index: number;
}

/** A transfer, owned by the replica that makes it. */
export class Transfer {
  readonly certificate: StableCertificate;
  readonly manifest: Manifest;
  readonly #peers: readonly number[];
  readonly #chunks = new Map<number, Uint8Array>();
  /** Whom each missing chunk was asked of since the last tick. */
  readonly #asked = new Map<number, number>();
  /** Who owes an answer for a missing chunk, each once for each time that it was asked: a hash costs more than a lie. */
  readonly #owed = new Map<number, Set<number>>();
  #turn = 0;

  /** Chunks that an older transfer has fetched are not fetched again. */
  constructor(certificate: StableCertificate, manifest: Manifest, peers: readonly number[], older?: Transfer) {
    this.certificate = certificate;
    this.manifest = manifest;
    this.#peers = peers;
    const fetched = older?.byHash() ?? new Map<string, Uint8Array>();
    for (const [index, hash] of manifest.hashes.entries()) {
      const chunk = fetched.get(toHex(hash));
      if (chunk !== undefined) this.#chunks.set(index, chunk);
    }
  }

  get sequence(): number {
    return this.manifest.sequence;
  }

  get isComplete(): boolean {
    return this.#chunks.size >= this.manifest.hashes.length;
  }

  /** The chunks that have come, by their hashes. */
  byHash(): ReadonlyMap<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const [index, chunk] of this.#chunks) {
      const hash = this.manifest.hashes[index];
      if (hash !== undefined) found.set(toHex(hash), chunk);
    }
    return found;
  }

  chunk(index: number): Uint8Array {
    return this.#chunks.get(index) ?? new Uint8Array(0);
  }

  /** Whether a peer was asked for a missing chunk and has not answered yet; after this it has. */
  takeAnswer(index: number, peer: number): boolean {
    return !this.#chunks.has(index) && this.#owed.get(index)?.delete(peer) === true;
  }

  /** Keeps a chunk that was checked. */
  keep(index: number, bytes: Uint8Array): void {
    this.#asked.delete(index);
    this.#owed.delete(index);
    this.#chunks.set(index, bytes);
  }

  /** Notes that a peer answered with another chunk. False if it was not the one that was asked last. */
  refuse(index: number, peer: number): boolean {
    // Of one that was asked long ago nothing follows: else a few bytes of it would cost a chunk of somebody else's.
    return this.#asked.get(index) === peer && this.#asked.delete(index);
  }

  /** Asks again, of the next peers, for what did not come. */
  retry(): void {
    this.#asked.clear();
  }

  /** The questions to ask now. */
  questions(): readonly ChunkQuestion[] {
    const questions: ChunkQuestion[] = [];
    for (let index = 0; index < this.manifest.hashes.length; index += 1) {
      if (this.#asked.size >= CHUNKS_OUTSTANDING_MAX) break;
      if (this.#chunks.has(index) || this.#asked.has(index)) continue;
      const peer = this.#peers[this.#turn % this.#peers.length];
      if (peer === undefined) break;
      this.#turn += 1;
      this.#asked.set(index, peer);
      this.#owed.set(index, (this.#owed.get(index) ?? new Set()).add(peer));
      questions.push({ peer, index });
    }
    return questions;
  }
}
