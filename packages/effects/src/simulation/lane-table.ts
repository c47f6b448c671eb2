/**
 * What of a lane every frame needs, a cache line each and one behind the other: among ten thousand nodes a frame costs
 * the memory that it touches.
 */
import { SeededRandom } from "../seeded-random.ts";

/** Whole numbers of 32 bits, by their place in a line. The first four are the state of the lane's stream of chance. */
export const WORD = {
  /** Index of the sender. */
  from: 4,
  /** Index of the receiver. */
  to: 5,
  /** On their way, as the sender knows it. */
  frames: 6,
  /** A connection that broke never carries another frame: its epoch is over. Both directions know the same. */
  epoch: 7,
  /** The epoch in which the sender believes the lane to be up; 0: it is down. */
  upEpoch: 8,
  /** Some of {@link FLAG}. */
  flags: 9,
} as const;

/** What is out of the ordinary. */
export const FLAG = {
  /** The sender was told `full`. */
  full: 1,
  /** Frames do not simply arrive: it is blocked, clogged, or some wait. */
  held: 2,
  /** It has conditions of its own. */
  conditioned: 4,
} as const;

/** Numbers beyond 32 bits, by their place in a line. */
export const LONG = {
  /** On their way, as the sender knows it. */
  bytes: 5,
  /** No frame arrives earlier: the other end does not know yet that the lane is up. */
  earliestUs: 6,
  lastArrivalUs: 7,
} as const;

type Word = (typeof WORD)[keyof typeof WORD];
type Flag = (typeof FLAG)[keyof typeof FLAG];
type Long = (typeof LONG)[keyof typeof LONG];

const LONGS = 8;
const WORDS = 16;
const LANES = 16;

/** All lanes, by their numbers. */
export class LaneTable {
  size = 0;
  #longs = new Float64Array(LANES * LONGS);
  #words = new Int32Array(this.#longs.buffer);
  readonly #random = new SeededRandom(0);

  /** A new lane; returns its number. */
  add(from: number, to: number): number {
    if (this.size * LONGS === this.#longs.length) this.#grow();
    const lane = this.size++;
    this.set(lane, WORD.from, from);
    this.set(lane, WORD.to, to);
    return lane;
  }

  get(lane: number, word: Word): number {
    return this.#words[lane * WORDS + word] ?? 0;
  }

  set(lane: number, word: Word, value: number): void {
    this.#words[lane * WORDS + word] = value;
  }

  has(lane: number, flag: Flag): boolean {
    return (this.get(lane, WORD.flags) & flag) !== 0;
  }

  flag(lane: number, flag: Flag, isSet: boolean): void {
    const flags = this.get(lane, WORD.flags);
    this.set(lane, WORD.flags, isSet ? flags | flag : flags & ~flag);
  }

  long(lane: number, long: Long): number {
    return this.#longs[lane * LONGS + long] ?? 0;
  }

  setLong(lane: number, long: Long, value: number): void {
    this.#longs[lane * LONGS + long] = value;
  }

  /** A connection came up, with nothing on its way; no frame of it arrives before `earliestUs`. */
  open(lane: number, epoch: number, earliestUs: number): void {
    this.set(lane, WORD.upEpoch, epoch);
    this.set(lane, WORD.frames, 0);
    this.flag(lane, FLAG.full, false);
    this.setLong(lane, LONG.bytes, 0);
    this.setLong(lane, LONG.earliestUs, earliestUs);
    this.setLong(lane, LONG.lastArrivalUs, 0);
  }

  /** The lane's stream of chance, good until that of another one is asked for; what was drawn counts once it is kept. */
  random(lane: number): SeededRandom {
    this.#random.load(this.#words, lane * WORDS);
    return this.#random;
  }

  /** The lane's stream goes on from where this one is. */
  keep(lane: number, random: SeededRandom): void {
    random.save(this.#words, lane * WORDS);
  }

  #grow(): void {
    const grown = new Float64Array(this.#longs.length * 2);
    grown.set(this.#longs);
    this.#longs = grown;
    this.#words = new Int32Array(grown.buffer);
  }
}
