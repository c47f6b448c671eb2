/**
 * Measures the driver beside a loop that does the same by hand, with the protocol's own work on both sides. The first two
 * cases keep nothing. In the last two each message is a record, which is made durable in a group, and the reply leaves
 * afterwards. The loop by hand reads no clock, counts nothing, has no limits and does not survive an error.
 */
import { createHash, createHmac, generateKeyPairSync, sign, verify } from "node:crypto";
import { host, lsn, peerId, verified } from "@void-system/effects";
import { cpuNs, medians } from "../../../scripts/measure.mjs";

const [me, other] = [peerId("me"), peerId("other")];
const TAG_BYTES = 64;
const REPLY_BYTES = 36;
/** Frames that arrive while a sync is in flight. */
const FRAMES_PER_SYNC = 16;

const key = Buffer.alloc(32, 7);
const { privateKey, publicKey } = generateKeyPairSync("ed25519");

/** Authentication of a frame: its last 64 bytes are the tag of the bytes before. */
const none = { tag: () => Buffer.alloc(TAG_BYTES), holds: () => true };
const hmac = {
  tag: (body) => createHmac("sha512", key).update(body).digest(),
  holds: (body, tag) => hmac.tag(body).equals(tag),
};
/** Replicas sign less often than they verify, so the reply has a MAC. */
const ed25519 = {
  tag: hmac.tag,
  signed: (body) => sign(null, body, privateKey),
  holds: (body, tag) => verify(null, body, publicKey, tag),
};

/** A protocol that answers a number with the next one, appends the message's digest and delivers every tenth number. */
function protocol({ bodyBytes, auth, durable }) {
  const framed = (value, bytes, tag) => {
    const body = Buffer.alloc(bytes);
    body.writeUInt32LE(value, 0);
    return Buffer.concat([body, tag(body)]);
  };
  const encode = (value) => framed(value, REPLY_BYTES, auth.tag);
  const decode = (frame) => {
    const body = frame.subarray(0, bodyBytes);
    if (!auth.holds(body, frame.subarray(bodyBytes))) return undefined;
    return { value: body.readUInt32LE(0), digest: durable ? createHash("sha256").update(body).digest() : undefined };
  };
  const frames = Array.from({ length: 64 }, (_, value) => framed(value, bodyBytes, auth.signed ?? auth.tag));
  return { encode, decode, frames, durable };
}

/** The world of both sides. It counts frames, copies records, and completes syncs when the bench says so. */
function place() {
  const syncs = [];
  const records = [];
  const counted = { sent: 0, delivered: 0 };
  return {
    syncs,
    counted,
    send: (_to, frame) => ((counted.sent += frame.length), "sent"),
    deliver: () => (counted.delivered += 1),
    log: {
      append: (record) => records.push(new Uint8Array(record)),
      sync: (done) => syncs.push(done),
      checkpoint: () => undefined,
    },
  };
}

function byHand({ encode, decode, durable }, { send, deliver, log }) {
  let appended = 0;
  let syncing = false;
  let held = [];
  const sync = () => {
    syncing = true;
    const covered = appended;
    log.sync((failure) => {
      if (failure) throw failure;
      syncing = false;
      const ready = held.filter(({ after }) => after <= covered);
      held = held.filter(({ after }) => after > covered);
      for (const { frame } of ready) send(other, frame);
      if (held.length > 0) sync();
    });
  };
  return (_from, frame) => {
    const message = decode(frame);
    if (message === undefined) return;
    if (message.value % 10 === 0) deliver(message.value);
    if (!durable) {
      send(other, encode(message.value + 1));
      return;
    }
    log.append(message.digest);
    held.push({ after: (appended += 1), frame: encode(message.value + 1) });
    if (!syncing) sync();
  };
}

function driven({ encode, decode, durable }, { send, deliver, log }) {
  let onFrame;
  let boot;
  let appended = 0;
  host({
    world: {
      clock: {
        wallMs: Date.now,
        monotonicMs: () => performance.now(),
        schedule: (_ms, wake) => ((boot = wake), () => undefined),
      },
      network: {
        self: me,
        send,
        onFrame: (handle) => ((onFrame = handle), () => undefined),
        onLink: () => () => undefined,
      },
      disk: { open: (_name, done) => (boot = () => done({ log, fresh: true, records: [] })) },
      logger: { log: () => undefined },
    },
    name: "seam",
    core: {
      restore: () => undefined,
      recover: () => undefined,
      start: () => [],
      step: (input) => {
        if (input.type !== "message") return [];
        const { value, digest } = input.message;
        const outputs = value % 10 === 0 ? [{ type: "deliver", value }] : [];
        if (!durable) outputs.push({ type: "send", to: other, message: value + 1 });
        else {
          const at = lsn((appended += 1));
          outputs.push({ type: "append", lsn: at, record: digest }, { type: "send", to: other, message: value + 1, after: at });
        }
        return outputs;
      },
    },
    wire: {
      seal: (value) => encode(value),
      open: (_from, frame, accept, reject) => {
        const message = decode(frame);
        if (message === undefined) reject("forged");
        else accept(verified(message));
      },
    },
    ...(durable && { records: { encode: (digest) => digest, decode: (value) => ({ ok: true, value }) } }),
    deliver,
    fatal: (cause) => {
      throw cause;
    },
  });
  boot();
  return onFrame;
}

/** Returns CPU-ns per message. */
function measured(make, rules, messages) {
  const where = place();
  const onFrame = make(rules, where);
  const start = cpuNs();
  for (let at = 0; at < messages; at += 1) {
    onFrame(other, rules.frames[at & 63]);
    if (at % FRAMES_PER_SYNC === 0) where.syncs.shift()?.();
  }
  while (where.syncs.length > 0) where.syncs.shift()();
  const took = (cpuNs() - start) / messages;
  const { sent, delivered } = where.counted;
  if (sent !== messages * (REPLY_BYTES + TAG_BYTES) || delivered === 0) throw new Error(`${sent} bytes sent, ${delivered} delivered`);
  return took;
}

/** Returns the measured rows by name. */
export async function driverRows() {
  const rows = [];
  for (const [name, options, messages, bar] of [
    ["driver, a message in and one out, bare", { bodyBytes: REPLY_BYTES, auth: none, durable: false }, 40_000, 0.3],
    ["driver, a message in and one out, authenticated (HMAC in and out)", { bodyBytes: REPLY_BYTES, auth: hmac, durable: false }, 8_000, 0.8],
    ["driver, a message of 1 KiB, hashed and authenticated (HMAC), made durable, then answered", { bodyBytes: 1024, auth: hmac, durable: true }, 6_000, 0.8],
    ["driver, the same as a replica has it: signed (Ed25519)", { bodyBytes: 1024, auth: ed25519, durable: true }, 500, 0.95],
  ]) {
    const rules = protocol(options);
    const compared = await medians(
      25,
      "lower",
      () => measured(driven, rules, messages),
      () => measured(byHand, rules, messages),
    );
    rows.push({ name, compared, bar });
  }
  return rows;
}

// When run directly, the process has run nothing else.
if (import.meta.filename === process.argv[1])
  for (const { name, compared } of await driverRows())
    process.stdout.write(
      `${name}: ${compared.ours.toFixed(0)} ns; by hand ${compared.floor.toFixed(0)} ns; ratio ${compared.ratio.toFixed(3)} (${compared.least.toFixed(2)} to ${compared.most.toFixed(2)})\n`,
    );
