/**
 * What one handshake takes of a listener, in milliseconds of its process's CPU time: TLS 1.3, keys shown and checked on both
 * sides, and the connection ended for a frame that is too long. `node bench/handshake.mjs`, once the package is built.
 */
import { fork } from "node:child_process";
import { connect } from "node:tls";
import { importKey } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { tls } from "../dist/tls/index.js";
import { member } from "./member.mjs";

const HANDSHAKES = 200;
const ROUNDS = 5;

if (process.argv[2] === "listener") process.once("message", listen);
else await measure();

async function listen({ self, other }) {
  const links = await tls({
    self: peerId(self.id),
    cluster: "bench",
    key: importKey("ed25519", Buffer.from(self.seed, "hex")),
    certificate: self.certificate,
    peers: [{ id: peerId(other.id), publicKey: Buffer.from(other.publicKey, "hex") }],
    limits: { handshakeBurst: 1_000_000 },
    listen: { port: 0 },
  });
  process.on("message", () => process.send(process.cpuUsage()));
  process.on("disconnect", () => process.exit());
  process.send(links.address);
}

async function measure() {
  const [self, other] = [await member("listener"), await member("dialer")];
  const child = fork(new URL(import.meta.url), ["listener"]);
  const ask = (message) => new Promise((resolve) => child.once("message", resolve) && child.send(message));
  const { port } = await ask({ self, other });
  const options = { host: "127.0.0.1", port, key: other.pem, cert: other.certificate, ALPNProtocols: ["void-link/4"], rejectUnauthorized: false };
  const handshake = () =>
    new Promise((resolve, reject) => {
      let isShaken = false;
      // The dialer is done too early to tell: what breaks the rules is answered when the listener is done as well.
      const socket = connect(options, () => (isShaken = socket.write(Uint8Array.of(0x7f, 0xff, 0xff, 0xff))));
      socket.on("error", () => undefined).on("close", () => (isShaken ? resolve() : reject(new Error("no handshake"))));
    });
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = await ask({});
    for (let i = 0; i < HANDSHAKES; i += 1) await handshake();
    const after = await ask({});
    const spent = (after.user + after.system - before.user - before.system) / 1_000 / HANDSHAKES;
    if (round > 0) console.log(`${spent.toFixed(2)} ms`); // the first one is a warm-up
  }
  child.disconnect();
}
