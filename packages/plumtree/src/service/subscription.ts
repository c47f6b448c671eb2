import type { Clock, PeerId } from "@void-system/effects";
import type { MessageId } from "../brand.ts";
import type { ArrivedMessage, Gap } from "../protocol/delivery.ts";
import { InvalidOptionError } from "../errors.ts";
import { MESSAGE_OVERHEAD_BYTES } from "../limits.ts";

/** Event of a subscription: a message of another node, or a gap. */
export type PlumtreeEvent = PlumtreeValue | Gap;

/** A message of another node. */
export interface PlumtreeValue {
  readonly type: "message";
  /** The value that was broadcast. */
  readonly value: unknown;
  /** Id of the message. */
  readonly id: MessageId;
  /** Node that broadcast it, as far as the peers that relayed it can be trusted. */
  readonly origin: PeerId;
  /** Number of links that it took. */
  readonly hops: number;
}

/** Takes the events of a subscription, one after the other. The next one waits for a returned promise. */
export type PlumtreeHandler = (event: PlumtreeEvent) => void | PromiseLike<void>;

/** Options of {@link PlumtreeNode.subscribe}. */
export interface SubscribeOptions {
  /**
   * Bytes of the messages that wait for this subscriber, with 256 for each beside its payload. Further messages become
   * gaps until half of them have been taken. @defaultValue 4 MiB
   */
  readonly queueBytesMax?: number;
}

/** A message that waits for subscribers, which share its decoded value. Undefined if the payload is no value. */
export interface Waiting {
  readonly message: ArrivedMessage;
  readonly event: () => PlumtreeValue | undefined;
}

/** Bytes of a queue, unless a subscriber gives another number. */
const QUEUE_BYTES_MAX = 4 * 1024 * 1024;
/** Most gaps that wait for a subscriber. Above it the last one grows, and may cover messages that were taken before it. */
const GAPS_MAX = 4_096;
/** Memory that a gap takes in a queue. */
const GAP_BYTES = 64;
/** Most events that one turn of the event loop hands over. */
const EVENTS_PER_TURN = 64;

/** Bounded queue between the protocol and one subscriber, who is called from the event loop. */
export class Subscription {
  readonly #clock: Pick<Clock, "schedule">;
  readonly #bytesMax: number;
  readonly #ended: () => void;
  #handle: PlumtreeHandler | undefined;
  /** Events that wait. Those before `#next` have been taken. */
  #queue: (Waiting | Gap)[] = [];
  #next = 0;
  #bytes = 0;
  /** Messages that found no room, after those in the queue. */
  #skipped: Gap[] = [];
  #skippedCount = 0;
  #isDue = false;
  #isEnded = false;

  /** `ended` is called once, when the subscription ends. */
  constructor(clock: Pick<Clock, "schedule">, options: SubscribeOptions, ended: () => void) {
    const { queueBytesMax = QUEUE_BYTES_MAX, ...unknown } = options;
    for (const name of Object.keys(unknown)) throw new InvalidOptionError(name, "left out: the option is queueBytesMax", "it");
    if (!(queueBytesMax > 0)) throw new InvalidOptionError("queueBytesMax", "a positive number", queueBytesMax);
    this.#clock = clock;
    this.#bytesMax = queueBytesMax;
    this.#ended = ended;
  }

  /** Number of messages that found no room. */
  get skipped(): number {
    return this.#skippedCount;
  }

  /** Bytes of the messages that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Hands every event to `handle`, from now on. */
  start(handle: PlumtreeHandler): void {
    this.#handle = handle;
    this.#wake();
  }

  /** Adds an event. */
  push(event: Waiting | Gap): void {
    if (this.#isEnded) return;
    this.#refill();
    const size = bytesOf(event);
    if (this.#skipped.length > 0 || this.#bytes + size > this.#bytesMax) {
      this.#skip(event);
      return;
    }
    this.#queue.push(event);
    this.#bytes += size;
    this.#wake();
  }

  /** Takes the next event. */
  take(): PlumtreeEvent | undefined {
    for (;;) {
      const event = this.#queue[this.#next];
      if (!event) return undefined;
      this.#next += 1;
      if (this.#next === this.#queue.length) {
        this.#queue = [];
        this.#next = 0;
      }
      this.#bytes -= bytesOf(event);
      this.#refill();
      if ("type" in event) return event;
      const value = event.event();
      if (value) return value;
    }
  }

  /** Ends the subscription. Events that wait are dropped. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#queue = [];
    this.#skipped = [];
    this.#bytes = 0;
    this.#ended();
  }

  /** Puts the gaps behind the queue, once half of it has been taken. */
  #refill(): void {
    if (this.#skipped.length === 0 || this.#bytes * 2 > this.#bytesMax) return;
    for (const gap of this.#skipped) {
      this.#queue.push(gap);
      this.#bytes += bytesOf(gap);
    }
    this.#skipped = [];
    this.#wake();
  }

  #skip(event: Waiting | Gap): void {
    const gap = "type" in event ? event : gapOf(event.message);
    if (gap !== event) this.#skippedCount += 1;
    const index = this.#skipped.findLastIndex(({ origin, epoch }) => origin === gap.origin && epoch === gap.epoch);
    const last = this.#skipped[index];
    const joins = last && (last.to + 1 === gap.from || this.#skipped.length >= GAPS_MAX);
    if (joins) this.#skipped[index] = { ...last, to: Math.max(last.to, gap.to) };
    else this.#skipped.push(gap);
  }

  #wake(): void {
    if (this.#isDue || this.#isEnded || !this.#handle || this.#queue.length === 0) return;
    this.#isDue = true;
    this.#clock.schedule(0, () => this.#turn());
  }

  /** Hands over events until the turn is over, or the handler returns a promise. */
  #turn(): void {
    this.#isDue = false;
    for (let count = 0; count < EVENTS_PER_TURN && !this.#isEnded; count += 1) {
      const event = this.take();
      if (!event) return;
      try {
        const result = this.#handle?.(event);
        if (result && typeof result.then === "function") {
          this.#isDue = true;
          result.then(() => this.#turn(), (error: unknown) => {
            this.#fail(error);
            this.#turn();
          });
          return;
        }
      } catch (error) {
        this.#fail(error);
      }
    }
    this.#wake();
  }

  /** Throws the error of a handler from the event loop: it is not the node's, and must not be missed. */
  #fail(error: unknown): void {
    this.#clock.schedule(0, () => {
      throw error;
    });
  }
}

function gapOf({ origin, epoch, counter }: ArrivedMessage): Gap {
  return { type: "gap", origin, epoch, from: counter, to: counter };
}

function bytesOf(event: Waiting | Gap): number {
  return "type" in event ? GAP_BYTES : event.message.payload.length + MESSAGE_OVERHEAD_BYTES;
}
