/**
 * Lanes, one for each direction between two nodes, by their numbers. What every frame needs of a lane is a cache line:
 * among ten thousand nodes a frame costs the memory that it touches.
 */
import { SeededRandom } from "@void-system/effects";

/** Of a lane that there is not. */
export const NO_LANE = -1;

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
  /** The epoch in which the sender believes the lane to be up, or believed so last; 0: it was told that it is down. */
  upEpoch: 8,
  /** Some of {@link FLAG}. */
  flags: 9,
} as const;

/** What is so. */
export const FLAG = {
  /** The sender was told `full`. */
  full: 1,
  /** It has conditions of its own. */
  conditioned: 2,
  /** Frames vanish. */
  blocked: 4,
  /** Frames wait. */
  clogged: 8,
  /** Some do. */
  waiting: 16,
  /** Any of the last three: frames do not simply arrive. */
  held: 28,
  /** Its link is there. */
  connected: 32,
  /** Its link was cut. */
  cut: 64,
  /** The sender, in the life that is going on, believes it to be up. */
  up: 128,
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

/** All lanes. The two directions of a link have numbers that follow each other. */
export class LaneTable {
  #size = 0;
  #longs = new Float64Array(LANES * LONGS);
  #words = new Int32Array(this.#longs.buffer);
  /** When the last change of its link is told to the sender of each. */
  #toldUs = new Float64Array(LANES);
  /** Another lane of the same sender. */
  #next = new Int32Array(LANES);
  /** The latest lane of each node, by its index. */
  readonly #latest: number[] = [];
  readonly #random = new SeededRandom(0);

  get size(): number {
    return this.#size;
  }

  /** A new node: to be called with each, in the order of their indices. */
  addNode(): void {
    this.#latest.push(NO_LANE);
  }

  /** Both lanes between two nodes; returns the number of the first, which is that from `from` to `to`. */
  add(from: number, to: number): number {
    const lane = this.#addOne(from, to);
    this.#addOne(to, from);
    return lane;
  }

  /** The other direction. */
  back(lane: number): number {
    return lane ^ 1;
  }

  /** All lanes from a node. */
  of(from: number): number[] {
    const all: number[] = [];
    for (let lane = this.#latest[from] ?? NO_LANE; lane !== NO_LANE; lane = this.#next[lane] ?? NO_LANE) all.push(lane);
    return all;
  }

  get(lane: number, word: Word): number {
    return this.#words[lane * WORDS + word] ?? 0;
  }

  set(lane: number, word: Word, value: number): void {
    this.#words[lane * WORDS + word] = value;
  }

  /** True if it has one of these flags. */
  has(lane: number, flags: Flag): boolean {
    return (this.get(lane, WORD.flags) & flags) !== 0;
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

  toldUs(lane: number): number {
    return this.#toldUs[lane] ?? 0;
  }

  setToldUs(lane: number, timeUs: number): void {
    this.#toldUs[lane] = timeUs;
  }

  /** A connection came up, with nothing on its way; no frame of it arrives before `earliestUs`. */
  open(lane: number, epoch: number, earliestUs: number): void {
    this.set(lane, WORD.upEpoch, epoch);
    this.set(lane, WORD.frames, 0);
    this.flag(lane, FLAG.up, true);
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

  #addOne(from: number, to: number): number {
    const lane = this.#size++;
    if (lane === this.#next.length) this.#grow();
    this.set(lane, WORD.from, from);
    this.set(lane, WORD.to, to);
    this.#next[lane] = this.#latest[from] ?? NO_LANE;
    this.#latest[from] = lane;
    return lane;
  }

  #grow(): void {
    const [longs, toldUs, next] = [this.#longs, this.#toldUs, this.#next];
    this.#longs = new Float64Array(longs.length * 2);
    this.#words = new Int32Array(this.#longs.buffer);
    this.#toldUs = new Float64Array(toldUs.length * 2);
    this.#next = new Int32Array(next.length * 2);
    this.#longs.set(longs);
    this.#toldUs.set(toldUs);
    this.#next.set(next);
  }
}
