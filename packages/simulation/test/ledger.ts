/** A tiny replicated set. An entry is acknowledged once every node reports that it is durable there. */
import {
  type Codec,
  type Core,
  host,
  type Input,
  lsn,
  type Lsn,
  type Output,
  type PeerId,
  type Running,
  verified,
  type Wire,
  type World,
} from "@void-system/effects";

type LedgerMessage = { readonly type: "put" | "ack"; readonly entry: string };
type Out = Output<LedgerMessage, string, string>;

export interface LedgerOptions {
  readonly nodes: readonly PeerId[];
  /** The planted bug: acknowledgements do not wait for the record. */
  readonly hasty?: boolean;
}

const RESEND_MS = 20;
const CHECKPOINT_EVERY = 8;

class LedgerCore implements Core<LedgerMessage, string, string, string> {
  readonly held: Map<string, number> = new Map();
  readonly #waiting = new Map<string, Set<PeerId>>();
  readonly #options: LedgerOptions;
  #last = 0;
  #checkpointing = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  restore(upTo: Lsn, chunks: Iterable<Uint8Array>): void {
    this.#last = upTo;
    for (const chunk of chunks) this.held.set(new TextDecoder().decode(chunk), 0);
  }

  recover(at: Lsn, record: string): void {
    this.#last = at;
    this.held.set(record, at);
  }

  start(): readonly Out[] {
    return [{ type: "timer", name: "resend", delayMs: RESEND_MS }];
  }

  step(input: Input<LedgerMessage, string>): readonly Out[] {
    switch (input.type) {
      case "request":
        this.#waiting.set(input.request, new Set());
        return this.#put(input.request);
      case "message":
        return input.message.type === "put"
          ? this.#store(input.from, input.message.entry)
          : this.#acked(input.from, input.message.entry);
      case "timer":
        return [
          ...[...this.#waiting.keys()].flatMap((entry) => this.#put(entry)),
          { type: "timer", name: "resend", delayMs: RESEND_MS },
        ];
      case "checkpointed":
        this.#checkpointing = false;
        return [];
      case "link":
        return [];
    }
  }

  #put(entry: string): Out[] {
    return [{ type: "send", to: this.#options.nodes, message: { type: "put", entry } }];
  }

  #store(from: PeerId, entry: string): Out[] {
    const outputs: Out[] = [];
    if (!this.held.has(entry)) {
      this.#last += 1;
      this.held.set(entry, this.#last);
      outputs.push({ type: "append", lsn: lsn(this.#last), record: entry });
      if (this.#last % CHECKPOINT_EVERY === 0 && !this.#checkpointing) {
        this.#checkpointing = true;
        const chunks = [...this.held.keys()].map((one) => new TextEncoder().encode(one));
        outputs.push({ type: "checkpoint", upTo: lsn(this.#last), chunks });
      }
    }
    const message = { type: "ack", entry } as const;
    outputs.push(
      this.#options.hasty
        ? { type: "send", to: from, message }
        : { type: "send", to: from, message, after: lsn(this.held.get(entry) ?? 0) }
    );
    return outputs;
  }

  #acked(from: PeerId, entry: string): Out[] {
    const by = this.#waiting.get(entry);
    if (!by) return [];
    by.add(from);
    if (by.size < this.#options.nodes.length) return [];
    this.#waiting.delete(entry);
    return [{ type: "deliver", value: entry }];
  }
}

const ledgerWire: Wire<LedgerMessage> = {
  seal: (message) => new TextEncoder().encode(`${message.type} ${message.entry}`),
  open: (_from, frame, accept, reject) => {
    const [type, entry] = new TextDecoder().decode(frame).split(" ");
    if ((type === "put" || type === "ack") && entry) accept(verified<LedgerMessage>({ type, entry }));
    else reject("neither put nor ack");
  },
};

const ledgerRecords: Codec<string> = {
  encode: (entry) => new TextEncoder().encode(entry),
  decode: (bytes) => ({ ok: true, value: new TextDecoder().decode(bytes) }),
};

export interface LedgerNode {
  readonly core: LedgerCore;
  readonly running: Running<string>;
}

/** The same code in all worlds. */
export function ledger(
  world: World,
  options: LedgerOptions,
  acknowledged: (entry: string) => void,
  fatal: (cause: Error) => void,
  ready?: () => void
): LedgerNode {
  const core = new LedgerCore(options);
  const running = host({
    world,
    name: "ledger",
    core,
    wire: ledgerWire,
    records: ledgerRecords,
    deliver: acknowledged,
    fatal,
    ...(ready && { ready }),
  });
  return { core, running };
}
