/**
 * One way to carry frames from process to process each, all with the same shape: `open(end, setup, address)` gives a link
 * with `address` (where the listening end can be reached), `up` (a promise), `push(frames)` and `receive(count)`.
 *
 * The bare sockets do the least that can be called carrying frames: the sender writes a block that was built beforehand
 * (lengths and all), and the receiver reads the lengths and hands each frame to a function, as a view, without a copy. No
 * names, bounds, counters, heartbeats or link states; they are floors. libp2p gets the same blocks and the same reader.
 */
import { connect as connectTcp, createServer as createTcp } from "node:net";
import { connect as connectTls, createServer as createTls } from "node:tls";
import { importKey } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { tls } from "../dist/tls/index.js";
import { member } from "./member.mjs";

const HEADER_BYTES = 4;
const PROTOCOL = "/void-bench/1";

/** Keys and certificates of both ends, as JSON. */
export async function makeSetup() {
  return { listener: await member("listener"), dialer: await member("dialer") };
}

export const CONTENDERS = {
  net: { name: "bare node:net", version: process.version, kind: "floor", open: bareOpener(createTcp, connectTcp) },
  tls: { name: "bare node:tls", version: process.version, kind: "floor", open: bareOpener(createTls, connectTls) },
  "libp2p-noise": { name: "libp2p (tcp, noise, yamux)", version: "3.3.11", kind: "peer", open: openLibp2p },
  "libp2p-tls": { name: "libp2p (tcp, tls, yamux)", version: "3.3.11", kind: "peer", open: openLibp2p },
  ours: { name: "tls()", open: openOurs },
};

/** Whether the peers that `npm run prebench` installs are here. */
export async function hasLibp2p() {
  try {
    await import("libp2p");
    return true;
  } catch {
    return false;
  }
}

/** Cuts chunks into frames. What is left of a chunk is put before the next one once that makes a frame whole. */
function cutter(handle) {
  let parts = [];
  let gathered = 0;
  let wanted = HEADER_BYTES;
  return (chunk) => {
    parts.push(chunk);
    gathered += chunk.length;
    if (gathered < wanted) return;
    const bytes = parts.length === 1 ? chunk : Buffer.concat(parts);
    let at = 0;
    for (wanted = HEADER_BYTES; at + HEADER_BYTES <= bytes.length; ) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at);
      if (end > bytes.length) {
        wanted = end - at;
        break;
      }
      handle(bytes.subarray(at + HEADER_BYTES, end));
      at = end;
    }
    gathered = bytes.length - at;
    parts = gathered > 0 ? [bytes.subarray(at)] : [];
  };
}

/** Counts what arrives, for one `receive` at a time. */
class Counter {
  #left = 0;
  #done;

  receive(count) {
    this.#left = count;
    return new Promise((resolve) => (this.#done = resolve));
  }

  take(frame) {
    if (frame.length === 0) throw new Error("no frame here is empty");
    this.#left -= 1;
    if (this.#left === 0) this.#done();
  }
}

function blockOf({ bytes, batch }) {
  const block = Buffer.alloc(batch * (HEADER_BYTES + bytes));
  for (let at = 0; at < block.length; at += HEADER_BYTES + bytes) block.writeUInt32BE(bytes, at);
  return block;
}

// ── bare sockets ──

function tlsOptions({ pem, certificate }) {
  return { key: pem, cert: certificate, minVersion: "TLSv1.3", maxVersion: "TLSv1.3", rejectUnauthorized: false };
}

function bareOpener(createServer, connect) {
  return async (end, setup, address) => {
    const counter = new Counter();
    let socket;
    let resolveUp;
    const up = new Promise((resolve) => (resolveUp = resolve));
    const use = (opened) => {
      socket = opened;
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("data", cutter((frame) => counter.take(frame)));
      resolveUp();
    };
    const options = tlsOptions(setup[end]);
    let port;
    if (end === "listener") {
      const server = createServer({ ...options, requestCert: true }, use);
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      ({ port } = server.address());
    } else {
      const opened = connect({ ...options, host: "127.0.0.1", port: address.port }, () => use(opened));
    }
    const push = async (load) => {
      const block = blockOf(load);
      for (let sent = 0; sent < load.count; sent += load.batch) {
        if (!socket.write(block)) await new Promise((resolve) => socket.once("drain", resolve));
      }
    };
    return { address: { port }, up, push, receive: (count) => counter.receive(count) };
  };
}

// ── ours ──

async function openOurs(end, setup, address) {
  const self = setup[end];
  const other = setup[end === "listener" ? "dialer" : "listener"];
  const to = peerId(other.id);
  const links = await tls({
    self: peerId(self.id),
    cluster: "bench",
    key: importKey("ed25519", Buffer.from(self.seed, "hex")),
    certificate: self.certificate,
    peers: [{ id: to, publicKey: Buffer.from(other.publicKey, "hex"), ...(address && { ...address, host: "127.0.0.1" }) }],
    ...(end === "listener" && { listen: { port: 0 } }),
  });
  const counter = new Counter();
  links.onFrame((_from, frame) => counter.take(frame));
  let resume;
  const up = new Promise((resolve) => {
    links.onLink((_peer, state) => {
      if (state === "up") resolve();
      if (state === "writable") resume?.();
    });
  });
  const push = async ({ bytes, batch, count }) => {
    const frame = new Uint8Array(bytes);
    for (let sent = 0; sent < count; sent += batch) {
      for (let i = 0; i < batch; i += 1) {
        while (links.send(to, frame) !== "sent") await new Promise((resolve) => (resume = resolve));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { address: links.address && { port: links.address.port }, up, push, receive: (count) => counter.receive(count) };
}

// ── libp2p ──

async function openLibp2p(end, setup, address, kind) {
  // Called by libp2p's packages, and in no Node before 22.
  Promise.withResolvers ??= () => {
    const made = {};
    made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
  };
  const [{ createLibp2p }, { tcp }, { noise }, { tls: libp2pTls }, { yamux }] = await Promise.all([
    import("libp2p"),
    import("@libp2p/tcp"),
    import("@chainsafe/libp2p-noise"),
    import("@libp2p/tls"),
    import("@chainsafe/libp2p-yamux"),
  ]);
  const node = await createLibp2p({
    addresses: { listen: end === "listener" ? ["/ip4/127.0.0.1/tcp/0"] : [] },
    transports: [tcp()],
    connectionEncrypters: [kind === "libp2p-tls" ? libp2pTls() : noise()],
    streamMuxers: [yamux()],
  });
  const counter = new Counter();
  let stream;
  let resolveUp;
  const up = new Promise((resolve) => (resolveUp = resolve));
  const use = (opened) => {
    stream = opened;
    const cut = cutter((frame) => counter.take(frame));
    stream.addEventListener("message", ({ data }) => {
      const bytes = data.subarray();
      cut(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    });
    resolveUp();
  };
  if (end === "listener") {
    await node.handle(PROTOCOL, (opened) => use(opened));
  } else {
    const { multiaddr } = await import("@multiformats/multiaddr");
    use(await node.dialProtocol(multiaddr(address.multiaddr), PROTOCOL));
    stream.send(blockOf({ bytes: 1, batch: 1 })); // the protocol is agreed upon with the first bytes
  }
  const push = async (load) => {
    const block = blockOf(load);
    for (let sent = 0; sent < load.count; sent += load.batch) {
      if (!stream.send(block)) await new Promise((resolve) => stream.addEventListener("drain", resolve, { once: true }));
    }
  };
  const [listening] = node.getMultiaddrs();
  return { address: { multiaddr: listening?.toString() }, up, push, receive: (count) => counter.receive(count) };
}
