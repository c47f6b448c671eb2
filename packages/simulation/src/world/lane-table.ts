/**
 * Lanes, one for each direction between two nodes. What every frame needs of a lane fits in a cache line: with ten
 * thousand nodes, the cost of a frame is the memory it touches.
 */
import { SeededRandom } from "@void-system/effects";

/** Number that stands for no lane. */
export const NO_LANE = -1;

/** 32-bit integers of a lane, by their place in a line. The first four are the state of the lane's random stream. */
export const WORD = {
  /** Index of the sender. */
  from: 4,
  /** Index of the receiver. */
  to: 5,
  /** Frames in flight, as far as the sender knows. */
  frames: 6,
  /** Number of the current connection, the same in both directions. A broken connection never carries another frame. */
  epoch: 7,
  /**
   * Connection that the sender believes to be up, or last did; 0 once the sender was notified that the lane is down.
   */
  upEpoch: 8,
  /** Some of {@link FLAG}. */
  flags: 9,
} as const;

/** Flags of a lane. */
export const FLAG = {
  /** `send` has answered `full`. */
  full: 1,
  /** The lane has conditions of its own. */
  conditioned: 2,
  /** Frames are lost silently. */
  blocked: 4,
  /** Frames are held back. */
  clogged: 8,
  /** Some frames are waiting. */
  waiting: 16,
  /** Any of the last three flags: frames do not simply arrive. */
  held: 28,
  /** Its link is connected. */
  connected: 32,
  /** Its link was cut. */
  cut: 64,
  /** The sender, in its current life, believes the lane to be up. */
  up: 128,
  /** One end has dialed the other, and the link has not been down since. */
  dialed: 256,
  /** A dial of the sender will fail. */
  failing: 512,
} as const;

/** Numbers beyond 32 bits, by their place in a line. */
export const LONG = {
  /** Bytes in flight, as far as the sender knows. */
  bytes: 5,
  /** Earliest arrival of a frame. Before this time, the other end does not know that the lane is up. */
  earliestUs: 6,
  lastArrivalUs: 7,
} as const;

type Word = (typeof WORD)[keyof typeof WORD];
type Flag = (typeof FLAG)[keyof typeof FLAG];
type Long = (typeof LONG)[keyof typeof LONG];

const LONGS = 8;
const WORDS = 16;
const LANES = 16;

/** Table of all lanes. Both directions of a link have consecutive numbers. */
export class LaneTable {
  #size = 0;
  #longs = new Float64Array(LANES * LONGS);
  #words = new Int32Array(this.#longs.buffer);
  /** Time of the latest link notice to each lane's sender. */
  #noticeUs = new Float64Array(LANES);
  /** Next lane of the same sender. */
  #next = new Int32Array(LANES);
  /** Latest lane of each node, by its index. */
  readonly #latest: number[] = [];
  readonly #random = new SeededRandom(0);

  get size(): number {
    return this.#size;
  }

  /** Adds a node. Must be called for each node, in the order of their indices. */
  addNode(): void {
    this.#latest.push(NO_LANE);
  }

  /** Adds both lanes between two nodes. Returns the number of the lane from `from` to `to`. */
  add(from: number, to: number): number {
    const lane = this.#addOne(from, to);
    this.#addOne(to, from);
    return lane;
  }

  /** Returns the lane of the other direction. */
  back(lane: number): number {
    return lane ^ 1;
  }

  /** Returns all lanes from a node. */
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

  /** Returns true if the lane has one of these flags. */
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

  noticeUs(lane: number): number {
    return this.#noticeUs[lane] ?? 0;
  }

  setNoticeUs(lane: number, timeUs: number): void {
    this.#noticeUs[lane] = timeUs;
  }

  /** Opens a connection with nothing in flight. None of its frames arrives before `earliestUs`. */
  open(lane: number, epoch: number, earliestUs: number): void {
    this.set(lane, WORD.upEpoch, epoch);
    this.set(lane, WORD.frames, 0);
    this.flag(lane, FLAG.up, true);
    this.flag(lane, FLAG.full, false);
    this.setLong(lane, LONG.bytes, 0);
    this.setLong(lane, LONG.earliestUs, earliestUs);
    this.setLong(lane, LONG.lastArrivalUs, 0);
  }

  /** Loads the lane's random stream. It is valid until the next call; call `keep` to make the draws count. */
  random(lane: number): SeededRandom {
    this.#random.load(this.#words, lane * WORDS);
    return this.#random;
  }

  /** Stores the state of the lane's random stream. */
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
    const [longs, noticeUs, next] = [this.#longs, this.#noticeUs, this.#next];
    this.#longs = new Float64Array(longs.length * 2);
    this.#words = new Int32Array(this.#longs.buffer);
    this.#noticeUs = new Float64Array(noticeUs.length * 2);
    this.#next = new Int32Array(next.length * 2);
    this.#longs.set(longs);
    this.#noticeUs.set(noticeUs);
    this.#next.set(next);
  }
}
