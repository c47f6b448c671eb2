/**
 * A log of one node, without agreement: what it accepts is durable here, and nowhere else. The same contracts as the
 * replicated log, so that everything above is the same: a core without I/O, the driver, a state machine.
 */
import { ByteReader, ByteWriter, decodeAll } from "@void-system/bytes";
import { type Codec, type Core, type Input, type Lsn, type Now, type Output, lsn, peerId } from "@void-system/effects";
import type { Agreed, StateMachine } from "@void-system/pbft";

/** One operation, and the number of its result. */
export interface SoloRequest {
  readonly id: number;
  readonly operation: Uint8Array;
}

/** An operation with the time at which it is executed, now and after every restart. */
export interface SoloRecord {
  readonly physicalMs: number;
  readonly operation: Uint8Array;
}

/** The result of a request, once it is durable. */
export interface SoloDelivery {
  readonly id: number;
  readonly result: Uint8Array;
}

/** Records between two checkpoints. */
const SOLO_CHECKPOINT_RECORDS = 1_024;
const OPERATION_BYTES_MAX = 1_000_000;
const RECORD_VERSION = 1;
/** The one client of a log without agreement. */
const SELF = peerId("solo");

/** Orders by arrival, executes at once, answers when the record is durable. */
export class SoloCore implements Core<never, SoloRequest, SoloRecord, SoloDelivery> {
  readonly #machine: StateMachine;
  readonly #nodeId: string;
  #lsn = 0;
  #lastMs = 0;
  #checkpointAt = 0;
  #checkpointing: (() => void) | undefined;

  constructor(machine: StateMachine, nodeId: string) {
    this.#machine = machine;
    this.#nodeId = nodeId;
  }

  /** Position of the newest executed operation. */
  get executed(): number {
    return this.#lsn;
  }

  restore(upTo: Lsn, chunks: Iterable<Uint8Array>): void {
    const [head, ...state] = chunks;
    this.#lastMs = head ? new ByteReader(head).u53() : 0;
    this.#machine.restore(state);
    this.#lsn = upTo;
    this.#checkpointAt = upTo;
  }

  recover(at: Lsn, record: SoloRecord): void {
    this.#lsn = at;
    this.#lastMs = record.physicalMs;
    this.#execute(record.operation);
  }

  start(): readonly Output<never, SoloRecord, SoloDelivery>[] {
    return [];
  }

  step(input: Input<never, SoloRequest>, now: Now): readonly Output<never, SoloRecord, SoloDelivery>[] {
    if (input.type === "checkpointed") {
      this.#checkpointing?.();
      this.#checkpointing = undefined;
      this.#checkpointAt = input.upTo;
    }
    if (input.type !== "request") return [];
    this.#lsn++;
    this.#lastMs = Math.max(Math.floor(now.wallMs), this.#lastMs);
    const at = lsn(this.#lsn);
    const { id, operation } = input.request;
    const record: SoloRecord = { physicalMs: this.#lastMs, operation };
    return [
      { type: "append", lsn: at, record },
      { type: "deliver", value: { id, result: this.#execute(operation) }, after: at },
      ...this.#checkpoint(at),
    ];
  }

  #execute(operation: Uint8Array): Uint8Array {
    const time = { physicalMs: this.#lastMs, logical: 0, nodeId: this.#nodeId };
    const agreed: Agreed = { sequence: this.#lsn, time, random: new Uint8Array(32) };
    const [result] = this.#machine.apply([{ client: SELF, operation }], agreed);
    return result ?? new Uint8Array(0);
  }

  #checkpoint(at: Lsn): readonly Output<never, SoloRecord, SoloDelivery>[] {
    if (this.#checkpointing || at - this.#checkpointAt < SOLO_CHECKPOINT_RECORDS) return [];
    const snapshot = this.#machine.snapshot();
    this.#checkpointing = () => snapshot.release();
    const head = new ByteWriter(8).u53(this.#lastMs).finish();
    return [{ type: "checkpoint", upTo: at, chunks: chunksOf(head, snapshot) }];
  }
}

/** The records on disk: version, time, operation. */
export const soloRecords: Codec<SoloRecord> = {
  encode: ({ physicalMs, operation }) =>
    new ByteWriter(16 + operation.length).u8(RECORD_VERSION).u53(physicalMs).block(operation).finish(),
  decode: (bytes) =>
    decodeAll(bytes, (reader) => {
      const version = reader.u8();
      if (version !== RECORD_VERSION) reader.fail(`a record of version ${RECORD_VERSION}`, `${version}`);
      return { physicalMs: reader.u53(), operation: reader.block(OPERATION_BYTES_MAX) };
    }),
};

function* chunksOf(head: Uint8Array, snapshot: ReturnType<StateMachine["snapshot"]>): Generator<Uint8Array> {
  yield head;
  for (let index = 0; index < snapshot.chunks; index++) yield snapshot.chunk(index);
}
