/** A world whose events the test triggers, and a core whose steps the test writes. */
import {
  type Codec,
  type Core,
  type Disk,
  type DurableLog,
  host,
  type HostParts,
  type Input,
  type LinkState,
  type Lsn,
  lsn,
  type Network,
  type Now,
  type Output,
  type PeerId,
  peerId,
  type Recovered,
  type Running,
  type Verified,
  verified,
  type Wire,
} from "../src/index.ts";

export type Message = string;
export type In = Input<Message, string>;
export type Out = Output<Message, string, string>;

const text = new TextEncoder();
const untext = new TextDecoder();

const records: Codec<string> = {
  encode: (value) => text.encode(value),
  decode: (bytes) => (bytes[0] === 0 ? { ok: false, reason: "a zero" } : { ok: true, value: untext.decode(bytes) }),
};

export class ScriptedLog implements DurableLog {
  readonly appended: string[] = [];
  readonly syncs: ((failure?: Error) => void)[] = [];
  readonly checkpoints: ((failure?: Error) => void)[] = [];
  append(record: Uint8Array): void {
    this.appended.push(untext.decode(record));
  }
  sync(done: (failure?: Error) => void): void {
    this.syncs.push(done);
  }
  checkpoint(_upTo: Lsn, _chunks: Iterable<Uint8Array>, done: (failure?: Error) => void): void {
    this.checkpoints.push(done);
  }
}

export class ScriptedNetwork implements Network {
  readonly self: PeerId = peerId("me");
  readonly sent: string[] = [];
  fate: "sent" | "full" | "down" = "sent";
  frame: ((from: PeerId, frame: Uint8Array) => void) | undefined;
  link: ((peer: PeerId, state: LinkState) => void) | undefined;
  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    this.sent.push(`${to}:${untext.decode(frame)}`);
    return this.fate;
  }
  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): () => void {
    this.frame = handle;
    return () => (this.frame = undefined);
  }
  onLink(handle: (peer: PeerId, state: LinkState) => void): () => void {
    this.link = handle;
    return () => (this.link = undefined);
  }
  dial(peer: PeerId, address: string): void {
    this.sent.push(`dial ${peer} at ${address}`);
  }
  hangUp(peer: PeerId): void {
    this.sent.push(`hang up ${peer}`);
  }
}

/** A wire for tests. A message that begins with "late" is opened by the test, one that begins with "bad" is rejected. */
export class ScriptedWire implements Wire<Message> {
  readonly late: { readonly message: string; accept(): void; reject(): void }[] = [];
  seal(message: Message): Uint8Array {
    return text.encode(message);
  }
  open(
    _from: PeerId,
    frame: Uint8Array,
    accept: (message: Verified<Message>) => void,
    reject: (reason: string) => void
  ): void {
    const message = untext.decode(frame);
    if (message.startsWith("throw")) throw new Error("a wire is total");
    if (message.startsWith("bad")) reject("bad");
    else if (message.startsWith("late")) {
      this.late.push({ message, accept: () => accept(verified(message)), reject: () => reject("late and bad") });
    } else accept(verified(message));
  }
}

export class ScriptedWorld {
  readonly log: ScriptedLog = new ScriptedLog();
  readonly network: ScriptedNetwork = new ScriptedNetwork();
  readonly wire: ScriptedWire = new ScriptedWire();
  readonly timers: { readonly delayMs: number; readonly wake: () => void; cancelled: boolean }[] = [];
  readonly inputs: In[] = [];
  readonly delivered: string[] = [];
  readonly fatal: Error[] = [];
  readonly reported: string[] = [];
  readonly recovered: string[] = [];
  readonly found: { fresh: boolean; records: Uint8Array[]; checkpoint?: { upTo: Lsn; chunks: Uint8Array[] } } = {
    fresh: true,
    records: [],
  };
  opens = 0;
  started: boolean | undefined;
  answerOpen: (opened: Recovered | Error) => void = () => undefined;
  /** Returns the core's outputs for an input. A throw counts as the core's. */
  script: (input: In, now: Now) => readonly Out[] = () => [];
  onStart: () => readonly Out[] = () => [];
  onDeliver: (value: string) => void = () => undefined;
  running!: Running<string>;

  readonly disk: Disk = {
    open: (_name, done) => {
      this.opens += 1;
      this.answerOpen = done;
    },
    openBlobs: () => undefined,
  };

  /** Hosts the core. Unless `opening`, it also opens the log and starts the core. */
  host(parts: Partial<HostParts<Message, string, string, string>> & { opening?: boolean; noLog?: boolean } = {}): this {
    const core: Core<Message, string, string, string> = {
      restore: (upTo, chunks) =>
        void this.recovered.push(`restore ${upTo} ${[...chunks].map((chunk) => untext.decode(chunk)).join()}`),
      recover: (at, record) => void this.recovered.push(`${at} ${record}`),
      start: (fresh) => {
        this.started = fresh;
        return this.onStart();
      },
      step: (input, now) => {
        this.inputs.push(input);
        return this.script(input, now);
      },
    };
    this.running = host({
      world: {
        clock: {
          wallMs: () => 1_000,
          monotonicMs: () => 1,
          schedule: (delayMs, wake) => {
            const timer = { delayMs, wake, cancelled: false };
            this.timers.push(timer);
            return () => void (timer.cancelled = true);
          },
        },
        network: this.network,
        disk: this.disk,
        logger: { log: (_level, event) => void this.reported.push(event) },
      },
      name: "x",
      core,
      wire: this.wire,
      ...(!parts.noLog && { records }),
      deliver: (value) => {
        this.delivered.push(value);
        this.onDeliver(value);
      },
      fatal: (cause) => void this.fatal.push(cause),
      ...parts,
    });
    if (!parts.opening && !parts.noLog) this.answerOpen({ log: this.log, ...this.found });
    return this;
  }

  /** Fires the timers of that delay that are not cancelled. Delay 0 is work deferred to the event loop. */
  tick(delayMs = 0): void {
    for (const timer of this.timers.filter((one) => one.delayMs === delayMs)) {
      this.timers.splice(this.timers.indexOf(timer), 1);
      if (!timer.cancelled) timer.wake();
    }
  }

  frame(message: string, from = "b"): void {
    this.network.frame?.(peerId(from), text.encode(message));
  }

  request(request: string): void {
    this.running.submit(request);
    this.tick();
  }

  /** Completes the sync in flight. */
  synced(failure?: Error): void {
    this.log.syncs.shift()!(failure);
  }

  /** Answers each request with the outputs written for it, and other inputs with none. */
  onRequest(outputs: Record<string, readonly Out[]>): this {
    this.script = (input) => (input.type === "request" ? outputs[input.request] ?? [] : []);
    return this;
  }
}

const b = peerId("b");
export const append = (at: number, record = `r${at}`): Out => ({ type: "append", lsn: lsn(at), record });
export const send = (message: string, after?: number, to: PeerId | readonly PeerId[] = b): Out => ({
  type: "send",
  to,
  message,
  ...(after !== undefined && { after: lsn(after) }),
});
export const deliver = (value: string, after?: number): Out => ({
  type: "deliver",
  value,
  ...(after !== undefined && { after: lsn(after) }),
});
