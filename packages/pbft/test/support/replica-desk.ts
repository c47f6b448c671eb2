/** One replica's core on a desk: inputs are handed to it by hand, and what it puts out is looked at. */
import { lsn, peerId, verified, type PeerId } from "@void-system/effects";
import { ReplicaCore, type Message, type ReplicaOutput, type ReplicaRecord, type ReplicaTuning } from "../../src/index.ts";
import { testPorts } from "./cluster.ts";
import { cluster } from "./messages.ts";
import { KeyValueMachine } from "./key-value-machine.ts";

export class ReplicaDesk {
  readonly core: ReplicaCore;
  readonly self: PeerId;
  readonly records: ReplicaRecord[] = [];
  /** Everything since it was last taken. */
  #outputs: ReplicaOutput[] = [];
  ms = 0;

  constructor(index: number, tuning: Partial<ReplicaTuning> = {}, records: readonly ReplicaRecord[] = []) {
    this.self = peerId(`r${index}`);
    this.core = new ReplicaCore({
      cluster,
      self: this.self,
      ports: testPorts(this.self),
      machine: new KeyValueMachine(),
      tuning: { statusMs: 50, ...tuning },
    });
    for (const [at, record] of records.entries()) this.core.recover(lsn(at + 1), record);
    this.records.push(...records);
    this.#put(this.core.start(records.length === 0, this.now));
  }

  get now(): { wallMs: number; monotonicMs: number } {
    return { wallMs: 1_000 + this.ms, monotonicMs: this.ms };
  }

  receive(message: Message, from = "r3"): this {
    this.#put(this.core.step({ type: "message", from: peerId(from), message: verified(message) }, this.now));
    return this;
  }

  timer(name: string, ms: number): this {
    this.ms = ms;
    this.#put(this.core.step({ type: "timer", name }, this.now));
    return this;
  }

  /** The messages sent since the last call, of one type if told, own votes not yet looped back. */
  sent<T extends Message["type"]>(type: T): (Message & { readonly type: T })[] {
    const found = this.#outputs.flatMap((output) => (output.type === "send" ? [output.message] : []));
    return found.filter((message): message is Message & { readonly type: T } => message.type === type);
  }

  get outputs(): readonly ReplicaOutput[] {
    return this.#outputs;
  }

  clear(): this {
    this.#outputs = [];
    return this;
  }

  /** Its own votes come back to it, as when they are durable. */
  loop(): this {
    const own = this.#outputs.filter(
      (output) => output.type === "send" && typeof output.to !== "string" && output.to.includes(this.self),
    );
    this.clear();
    for (const output of own) if (output.type === "send") this.receive(output.message, this.self);
    return this;
  }

  #put(outputs: readonly ReplicaOutput[]): void {
    this.#outputs.push(...outputs);
    for (const output of outputs) if (output.type === "append") this.records.push(output.record);
  }
}
