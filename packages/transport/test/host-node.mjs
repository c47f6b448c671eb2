/**
 * One node of `hosts.e2e.test.ts`, in a process and perhaps a network namespace of its own: exchanges frames with its
 * peer, says what it saw, and ends when the peer has. Its configuration comes as JSON in the first argument.
 */
import { importKey } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { tls } from "../dist/tls/index.js";

const FRAMES = 500;
const FRAME_BYTES = 10_000;
const { id, seed, certificate, peer, listen } = JSON.parse(process.argv[2]);
const bytesOf = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));

const links = await tls({
  self: peerId(id),
  cluster: "hosts",
  key: importKey("ed25519", bytesOf(seed)),
  certificate,
  peers: [{ ...peer, publicKey: bytesOf(peer.publicKey) }],
  ...(listen && { listen }),
});
let received = 0;
const all = new Promise((resolve) => links.onFrame(() => ++received === FRAMES && resolve()));
const over = new Promise((resolve) => {
  links.onLink((to, state) => {
    if (state === "down") resolve();
    if (state === "up") for (let i = 0; i < FRAMES; i += 1) links.send(to, new Uint8Array(FRAME_BYTES));
  });
});
await all;
const { keyExchange, sentFrames, ups } = links.stats().links[peer.id];
process.stdout.write(`${JSON.stringify({ id, received, sentFrames, ups, keyExchange })}\n`);
if (listen === undefined) await links.close(5_000);
else await over.then(() => links.close(5_000));
