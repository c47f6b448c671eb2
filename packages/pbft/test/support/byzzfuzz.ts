/**
 * A replica whose messages are mutated, in the manner of ByzzFuzz (Winter, Buse, de Graaf, von Gleissenthall, Kulahcioglu
 * Ozkan: *Randomized Testing of Byzantine Fault Tolerant Algorithms*, OOPSLA 2023). A mutation knows the structure of the
 * message and is small: a number by one, a value that was sent before in that field, an item of a list more or less. The same
 * mutation goes to some receivers, the message itself to the others. It is signed again, or keeps the signature of what it was.
 */
import { digest } from "@void-system/crypto";
import { SeededRandom, type Network, type World } from "@void-system/effects";
import { makeBatch, type Batch } from "../../src/codec/batch.ts";
import { messageCodec } from "../../src/codec/message-codec.ts";
import type { Message } from "../../src/codec/message.ts";
import {
  signCheckpoint,
  signComplaint,
  signExecuted,
  signNewView,
  signProposal,
  signResignation,
  signStatus,
  signViewChange,
  signVote,
  type Signing,
} from "../../src/codec/signed.ts";
import { testPorts, type TestCluster } from "./cluster.ts";

/** The chance that a message is mutated. */
const RATE = 0.1;
/** Values remembered of each field. */
const SEEN_MAX = 8;

type Tree = { readonly [field: string]: unknown };

/** A field of a message: the way to it, and its value. */
interface Field {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The network of a replica whose messages are mutated. */
export function byzzfuzz(world: World, cluster: TestCluster): Network {
  const { configuration, simulation } = cluster;
  const { network } = world;
  const random = new SeededRandom(simulation.seed).split(`byzzfuzz ${network.self}`);
  const by: Signing = { cluster: configuration, index: configuration.replicas.indexOf(network.self), ports: testPorts(network.self) };
  const codec = messageCodec(configuration, digest);
  const seen = new Map<string, unknown[]>();
  let last: { readonly frame: Uint8Array; readonly mutated: Uint8Array | undefined } | undefined;

  const mutate = (frame: Uint8Array): Uint8Array | undefined => {
    const decoded = codec.decode(frame);
    if (!decoded.ok) return undefined;
    const fields = fieldsOf(decoded.value);
    for (const { path, value } of fields) remember(seen, path.at(-1) ?? "", value);
    const field = fields[random.below(fields.length)];
    if (field === undefined || !random.chance(RATE)) return undefined;
    const value = other(random, field, seen.get(field.path.at(-1) ?? "") ?? []);
    // The walk keeps every field's kind, so that the type is that of the message again; the codec refuses what is out of range.
    const mutated = replaced(decoded.value, field.path, value) as Message;
    try {
      return codec.encode(random.chance(0.7) ? signed(by, mutated) : mutated);
    } catch {
      return undefined;
    }
  };

  return {
    self: network.self,
    onFrame: (handle) => network.onFrame(handle),
    onLink: (handle) => network.onLink(handle),
    dial: (peer, address) => network.dial(peer, address),
    hangUp: (peer) => network.hangUp(peer),
    send(to, frame) {
      if (last?.frame !== frame) last = { frame, mutated: mutate(frame) };
      return network.send(to, last.mutated !== undefined && random.chance(0.6) ? last.mutated : frame);
    },
  };
}

/** All fields but the kinds of messages; batches and bytes are fields as a whole. */
function fieldsOf(value: unknown, path: readonly string[] = []): Field[] {
  if (path.at(-1) === "type") return [];
  const isWhole = typeof value !== "object" || value === null || value instanceof Uint8Array || isBatch(value);
  if (isWhole) return value === undefined ? [] : [{ path, value }];
  const inner = Object.entries(value).flatMap(([name, field]) => fieldsOf(field, [...path, name]));
  return Array.isArray(value) ? [{ path, value }, ...inner] : inner;
}

function remember(seen: Map<string, unknown[]>, name: string, value: unknown): void {
  const values = seen.get(name) ?? [];
  seen.set(name, values);
  values.push(value);
  if (values.length > SEEN_MAX) values.shift();
}

/** A value near that of a field, or one that it had before. */
function other(random: SeededRandom, { value }: Field, before: readonly unknown[]): unknown {
  if (typeof value === "boolean") return !value;
  if (random.chance(0.4)) return before[random.below(before.length)];
  if (typeof value === "number") return Math.max(0, value + (random.chance(0.5) ? 1 : -1));
  if (value instanceof Uint8Array) return value.length === 0 ? value : value.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
  if (isBatch(value)) return otherBatch(random, value);
  if (!Array.isArray(value)) return value;
  const at = random.below(value.length + 1);
  const items: unknown[] = value;
  return random.chance(0.5) ? items.toSpliced(at, 1) : items.toSpliced(at, 0, ...items.slice(at, at + 1));
}

function otherBatch(random: SeededRandom, { time, requests }: Batch): Batch {
  const physicalMs = time.physicalMs + random.below(3) - 1;
  const some = requests.length > 1 && random.chance(0.5) ? requests.slice(1) : requests;
  return some.length === 0 ? makeBatch(time, requests, digest) : makeBatch({ ...time, physicalMs }, random.chance(0.3) ? [...some, ...some.slice(0, 1)] : some, digest);
}

function isBatch(value: object | unknown): value is Batch {
  return typeof value === "object" && value !== null && "requests" in value && "bytes" in value;
}

function replaced(tree: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(tree)) return tree.map((item: unknown, at) => (String(at) === name ? replaced(item, rest, value) : item));
  const fields = tree as Tree;
  return { ...fields, [name]: replaced(fields[name], rest, value) };
}

/** The message with the signature that its sender would give it. */
function signed(by: Signing, message: Message): Message {
  switch (message.type) {
    case "pre-prepare":
      return { ...message, signature: signProposal(by, message.view, message.sequence, message.batch.digest).signature };
    case "prepare":
    case "commit":
      return signVote(by, message.type, message.view, message.sequence, message.digest);
    case "checkpoint":
      return signCheckpoint(by, message.sequence, message.digest);
    case "complaint":
      return signComplaint(by, message.view);
    case "departure":
      return message.certificate.ground === "resignation" ? { ...message, certificate: signResignation(by, message.certificate.view) } : message;
    case "view-change":
      return signViewChange(by, message.view, message.stable, message.prepared);
    case "new-view":
      return signNewView(by, message.view, message.viewChanges, message.proposals);
    case "status":
      return signStatus(by, message);
    case "reply":
      return { ...message, signature: signExecuted(by, message.executed) };
    case "request":
    case "hint":
    case "hello":
    case "fetch-batch":
    case "batch":
    case "fetch-slots":
    case "slots":
    case "stable":
    case "fetch-chunk":
    case "chunk":
      return message;
  }
}
