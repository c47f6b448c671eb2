/**
 * Two hosts: processes in network namespaces of their own with a cable between them, where the machine lets us make any
 * (Linux with user namespaces); else processes on two loopback addresses.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { node } from "./nodes.ts";

const script = fileURLToPath(new URL("host-node.mjs", import.meta.url));
const PORT = 7411;

const hasNamespaces =
  spawnSync("unshare", ["-rn", "sh", "-c", "ip link add va type veth peer name vb && unshare -n true"]).status === 0;

/** Where the first host is, over either family. */
const IPV4 = hasNamespaces ? "10.77.0.1" : "127.0.0.2";
const hasLoopback6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
const IPV6 = hasNamespaces ? "fd77::1" : hasLoopback6 ? "::1" : "127.0.0.3";

/** Runs the first command on one host and the second on another; `$STEP` is a file by which they wait for each other. */
const TWO_HOSTS = `
set -e
unshare -n sh -c '
  touch "$STEP"
  until ip link show vb >/dev/null 2>&1; do sleep 0.02; done
  ip addr add 10.77.0.2/24 dev vb && ip -6 addr add fd77::2/64 dev vb nodad && ip link set vb up
  eval "$SECOND"
' &
second=$!
until [ -e "$STEP" ]; do sleep 0.02; done
ip link add va type veth peer name vb
ip addr add 10.77.0.1/24 dev va && ip -6 addr add fd77::1/64 dev va nodad && ip link set va up
ip link set vb netns $second
eval "$FIRST"
wait $second
`;

/** The command that runs a node, for a shell. */
async function commandOf(id: string, other: string, address: { host: string; port: number } | undefined, listen?: object): Promise<string> {
  const [self, peer] = await Promise.all([node(id), node(other)]);
  const configuration = {
    id,
    seed: self.key.use((seed) => Buffer.from(seed).toString("hex")),
    certificate: self.certificate,
    peer: { id: other, publicKey: Buffer.from(peer.publicKey).toString("hex"), ...address },
    listen,
  };
  return `'${process.execPath}' '${script}' '${JSON.stringify(configuration)}'`;
}

async function run(first: string, second: string): Promise<Record<string, unknown>[]> {
  const folder = mkdtempSync(join(tmpdir(), "void-hosts-"));
  const env = { ...process.env, FIRST: first, SECOND: second, STEP: join(folder, "step") };
  const both = hasNamespaces
    ? spawn("unshare", ["-rn", "sh", "-c", TWO_HOSTS], { env })
    : spawn("sh", ["-c", `eval "$SECOND" & eval "$FIRST"; wait`], { env });
  let out = "";
  let errors = "";
  both.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  both.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  await new Promise((resolve) => both.once("close", resolve));
  rmSync(folder, { recursive: true });
  expect(errors).toBe("");
  return out
    .trim()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line))
    .toSorted((one, other) => String(one["id"]).localeCompare(String(other["id"])));
}

test.each([
  ["IPv4", IPV4],
  ["IPv6", IPV6],
])("nodes on two hosts link over %s", async (_family, host) => {
  const listens = await commandOf("a", "b", undefined, { host, port: PORT });
  const dials = await commandOf("b", "a", { host, port: PORT });
  const [a, b] = await run(listens, dials);
  expect(a).toMatchObject({ id: "a", received: 500, sentFrames: 500, ups: 1 });
  expect(b).toMatchObject({ id: "b", received: 500, sentFrames: 500, ups: 1 });
  expect(b!["keyExchange"]).toMatch(/^X25519/);
});

test("a node that listens on :: is reached over both families", async () => {
  const dials = await commandOf("b", "a", { host: IPV4, port: PORT });
  const listens = await commandOf("a", "b", undefined, { host: "::", port: PORT });
  const [a] = await run(listens, dials);
  expect(a).toMatchObject({ id: "a", received: 500, ups: 1 });
});
