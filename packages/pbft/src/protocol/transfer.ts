/**
 * A transfer under way: which chunks of a certified state have come, and what each peer was asked for. Each peer has its
 * own share of questions and its own timeout, so that one that is silent holds up its own share alone, and once. A peer
 * that was silent or has lied is asked again only when nobody else is left to ask.
 */
import { toHex } from "@void-system/bytes";
import type { StableCertificate } from "../codec/certificate.ts";
import type { Manifest } from "../codec/manifest.ts";
import { CHUNKS_OUTSTANDING_MAX } from "../limits.ts";

/** A question for a chunk. */
export interface ChunkQuestion {
  readonly peer: number;
  readonly index: number;
}

/** Record of a peer, in this transfer and those that it replaced. */
interface Source {
  readonly peer: number;
  /** Chunks that it was asked for and that are still missing. */
  readonly asked: Set<number>;
  /** When it last answered, or was asked with nothing outstanding. */
  sinceMs: number;
  standing: "good" | "silent" | "liar";
}

/** A transfer, owned by the replica that makes it. */
export class Transfer {
  readonly certificate: StableCertificate;
  readonly manifest: Manifest;
  readonly #sources: readonly Source[];
  readonly #chunks = new Map<number, Uint8Array>();
  /** Peers that owe an answer for a missing chunk, each once for each time that it was asked: a hash costs more than a lie. */
  readonly #owed = new Map<number, Set<number>>();
  /** Nothing from here on was asked for yet. */
  #cursor = 0;
  /** Chunks before the cursor that must be asked for again, the next one last. */
  #again: number[] = [];
  #turn = 0;
  #kept = 0;

  /** Chunks that an older transfer has fetched are not fetched again, and its bad peers stay known. */
  constructor(certificate: StableCertificate, manifest: Manifest, peers: readonly number[], older?: Transfer) {
    this.certificate = certificate;
    this.manifest = manifest;
    this.#sources = peers.map((peer) => ({
      peer,
      asked: new Set(),
      sinceMs: 0,
      standing: older?.standingOf(peer) ?? "good",
    }));
    const fetched = older?.byHash() ?? new Map<string, Uint8Array>();
    if (fetched.size === 0) return;
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

  /** Returns whether a peer answers: `silent` and `liar` are asked last. */
  standingOf(peer: number): Source["standing"] | undefined {
    return this.#source(peer)?.standing;
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

  /** Returns whether a peer was asked for a missing chunk and has not answered yet; after this it has. */
  takeAnswer(index: number, peer: number): boolean {
    return !this.#chunks.has(index) && this.#owed.get(index)?.delete(peer) === true;
  }

  /** Keeps a chunk that was checked. Its sender, if it was silent, is good again. */
  keep(index: number, bytes: Uint8Array, peer: number, nowMs: number): void {
    const source = this.#source(peer);
    if (source !== undefined) {
      source.sinceMs = nowMs;
      if (source.standing === "silent") source.standing = "good";
    }
    for (const { asked } of this.#sources) asked.delete(index);
    this.#owed.delete(index);
    this.#chunks.set(index, bytes);
    this.#kept += 1;
  }

  /** Notes that a peer answered with another chunk. False if the chunk was asked of another one meanwhile. */
  refuse(index: number, peer: number): boolean {
    const source = this.#source(peer);
    // Of one that was asked long ago nothing follows: else a few bytes of it would cost a chunk of somebody else's.
    if (source?.asked.has(index) !== true) return false;
    source.standing = "liar";
    this.#giveBack(source);
    return true;
  }

  /** Gives the questions of peers that were silent since `sinceMs` to the others, and returns those peers. */
  expire(sinceMs: number): readonly number[] {
    const silent = this.#sources.filter((source) => source.asked.size > 0 && source.sinceMs <= sinceMs);
    for (const source of silent) {
      if (source.standing === "good") source.standing = "silent";
      this.#giveBack(source);
    }
    return silent.map(({ peer }) => peer);
  }

  /** Returns whether a chunk has come since this was last asked. */
  takeProgress(): boolean {
    const progress = this.#kept > 0;
    this.#kept = 0;
    return progress;
  }

  /** The questions to ask now. */
  questions(nowMs: number): readonly ChunkQuestion[] {
    const questions: ChunkQuestion[] = [];
    for (;;) {
      const source = this.#free();
      const index = source && this.#nextMissing();
      if (source === undefined || index === undefined) return questions;
      if (source.asked.size === 0) source.sinceMs = nowMs;
      source.asked.add(index);
      this.#owed.set(index, (this.#owed.get(index) ?? new Set()).add(source.peer));
      questions.push({ peer: source.peer, index });
    }
  }

  /** The next peer, in turn, that has not used up its share: a good one if there is any, else one at a time of the others. */
  #free(): Source | undefined {
    const good = this.#sources.filter(({ standing }) => standing === "good");
    const silent = this.#sources.filter(({ standing }) => standing === "silent");
    const [from, share] = good.length > 0 ? [good, CHUNKS_OUTSTANDING_MAX] : [silent.length > 0 ? silent : this.#sources, 1];
    for (let step = 0; step < from.length; step += 1) {
      const source = from[this.#turn % from.length];
      this.#turn += 1;
      if (source !== undefined && source.asked.size < share) return source;
    }
    return undefined;
  }

  #nextMissing(): number | undefined {
    for (let index = this.#again.pop(); index !== undefined; index = this.#again.pop())
      if (!this.#chunks.has(index)) return index;
    while (this.#cursor < this.manifest.hashes.length) {
      const index = this.#cursor;
      this.#cursor += 1;
      if (!this.#chunks.has(index)) return index;
    }
    return undefined;
  }

  #giveBack({ asked }: Source): void {
    this.#again.push(...[...asked].toReversed());
    asked.clear();
  }

  #source(peer: number): Source | undefined {
    return this.#sources.find((source) => source.peer === peer);
  }
}
