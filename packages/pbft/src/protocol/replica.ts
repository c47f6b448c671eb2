/**
 * A replica's parts: four owners of its state, and the outbox of the step under way. The protocol's steps
 * (`normal-case.ts`, `view-change.ts`, …) are functions over it; `replica-core.ts` calls them.
 */
import type { SignedDigest, SignedPlace } from "@void-system/crypto";
import type { Now, PeerId } from "@void-system/effects";
import { replicaAt, type Configuration } from "../configuration.ts";
import { ConfigurationError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { CatchUp } from "./catch-up.ts";
import { Convictions, type Contradiction } from "./evidence.ts";
import { Execution } from "./execution.ts";
import { Log } from "./log.ts";
import { Outbox } from "./outbox.ts";
import { completeTuning, type ReplicaOptions, type ReplicaTuning } from "./replica-options.ts";
import { View } from "./view.ts";

/** Counts of events that a replica has noticed, in others and itself, since it started. */
export interface ReplicaCounters {
  /** Times that a replica signed two different statements for one place. */
  readonly equivocations: number;
  /** Chunks whose hash was not the certified one. */
  readonly poisonedChunks: number;
  /** Proposals not voted for because of their time. */
  readonly refusedTimes: number;
  /** Checkpoints at which this replica's state was not the certified one. */
  readonly divergences: number;
  /** Requests dropped because too many were waiting. */
  readonly droppedRequests: number;
  /** Views that this replica asked for. */
  readonly viewChanges: number;
  /** States transferred from others. */
  readonly transfers: number;
  /** Times that a replica showed another configuration. */
  readonly otherConfigurations: number;
  /** Times that a replica sent none of the chunks that it was asked for. */
  readonly silences: number;
}

/** A statement without what it came with: it outlives its frame. */
function alone({ digest, signature }: SignedDigest): SignedDigest {
  return { digest: digest.slice(), signature: signature.slice() };
}

/** A replica, composed. */
export class Replica {
  readonly cluster: Configuration;
  readonly self: PeerId;
  readonly index: number;
  readonly ports: Pick<Ports, "sign" | "digest">;
  readonly tuning: ReplicaTuning;
  readonly outbox: Outbox;
  readonly view: View;
  readonly log: Log;
  readonly execution: Execution;
  readonly catchUp: CatchUp = new CatchUp();
  readonly convictions: Convictions;
  readonly #counters = {
    equivocations: 0,
    poisonedChunks: 0,
    refusedTimes: 0,
    divergences: 0,
    droppedRequests: 0,
    viewChanges: 0,
    transfers: 0,
    silences: 0,
    otherConfigurations: 0,
  };
  #now: Now = { wallMs: 0, monotonicMs: 0 };
  #replaying = true;

  /** @throws {@link ConfigurationError} */
  constructor(options: ReplicaOptions) {
    const { cluster, self, ports, machine } = options;
    this.cluster = cluster;
    this.self = self;
    this.index = cluster.replicas.indexOf(self);
    if (this.index < 0)
      throw new ConfigurationError(`expected one of the replicas ${cluster.replicas.join(", ")}, got ${self}`);
    this.ports = ports;
    this.tuning = completeTuning(options.tuning ?? {}, cluster);
    this.outbox = new Outbox(cluster, self);
    this.convictions = new Convictions(cluster);
    this.view = new View(cluster, this.index);
    this.execution = new Execution(cluster, ports.digest, machine);
    this.log = new Log(cluster, this.execution);
  }

  /** The time of the step. */
  get now(): Now {
    return this.#now;
  }

  /** The replica rebuilds itself from its disk: nobody waits for these replies any longer. */
  get replaying(): boolean {
    return this.#replaying;
  }

  get counters(): ReplicaCounters {
    return { ...this.#counters };
  }

  /** Begins a step. */
  begin(now: Now): void {
    this.#now = now;
  }

  /** Ends the rebuilding. */
  rebuilt(): void {
    this.#replaying = false;
  }

  /** Notes that a replica has signed two statements that contradict each other. */
  convict(sender: number, place: SignedPlace, [a, b]: readonly [SignedDigest, SignedDigest]): void {
    const contradiction: Contradiction = { sender, ...place, statements: [alone(a), alone(b)] };
    if (this.convictions.add(contradiction)) this.outbox.append({ type: "evidence", contradiction });
    this.note("equivocations", "pbft.equivocation", { culprit: replicaAt(this.cluster, sender), ...place });
  }

  count(counter: keyof ReplicaCounters): void {
    this.#counters[counter] += 1;
  }

  /** Counts what others can make happen at will, and reports it the first time, the second, the fourth, the eighth … */
  note(counter: keyof ReplicaCounters, event: string, fields: Readonly<Record<string, unknown>>): void {
    this.count(counter);
    const times = this.#counters[counter];
    if (Math.log2(times) % 1 === 0) this.outbox.report(event, { ...fields, times });
  }
}
