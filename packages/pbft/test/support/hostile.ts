/**
 * A replica that lies. It holds a real key and runs the real core; what it sends is changed on the way out, signed
 * anew, and may differ from receiver to receiver. In the tradition of Twins and ByzzFuzz: small lies, many schedules.
 */
import { digest, resultLeaf, resultTree } from "@void-system/crypto";
import { SeededRandom, type Network, type PeerId, type World } from "@void-system/effects";
import { makeBatch } from "../../src/codec/batch.ts";
import { messageCodec } from "../../src/codec/message-codec.ts";
import type { Message, PrePrepare, Reply } from "../../src/codec/message.ts";
import { planNewView } from "../../src/protocol/new-view-plan.ts";
import {
  signCheckpoint,
  signComplaint,
  signNewView,
  signProposal,
  signResignation,
  signExecuted,
  signViewChange,
  signVote,
  type Signing,
} from "../../src/codec/signed.ts";
import { BEGINNING } from "../../src/codec/certificate.ts";
import { testPorts, type TestCluster } from "./cluster.ts";

/** Lies about messages. Each is left out, or sent to some receivers, by chance. */
export interface Lies {
  /** Two batches for one sequence number, each side told that the liar votes for its own. */
  readonly equivocate?: boolean;
  /** Say nothing, to some or all, for some of the time. */
  readonly mute?: boolean;
  /** Votes for digests that nobody proposed; checkpoints of states that nobody has. */
  readonly badDigests?: boolean;
  /** VIEW-CHANGEs without what was prepared; NEW-VIEWs that propose other things. */
  readonly forgeViews?: boolean;
  /** Wrong results, wrong chunks. */
  readonly lieInReplies?: boolean;
  /** Messages of far views and sequence numbers, complaints without a reason, and resignations. */
  readonly spam?: boolean;
}

/** The network of a liar. */
export function liar(world: World, cluster: TestCluster, lies: Lies): Network {
  const { configuration, simulation } = cluster;
  const self = world.network.self;
  const random = new SeededRandom(simulation.seed).split(`liar ${self}`);
  const by: Signing = { cluster: configuration, index: configuration.replicas.indexOf(self), ports: testPorts(self) };
  const codec = messageCodec(configuration, digest);
  const say = (to: PeerId, message: Message): "sent" | "full" | "down" => world.network.send(to, codec.encode(message));
  // The other side of equivocations in this run, mostly: whoever forgets what it was told may be told otherwise.
  const otherSide = new Set(configuration.replicas.filter((id) => id !== self && random.chance(0.6)));
  const muteUntil = { ms: 0 };
  let last: { frame: Uint8Array; message: Message | undefined } | undefined;

  const other = (message: PrePrepare): PrePrepare => {
    const { time, requests } = message.batch;
    const batch = makeBatch({ ...time, logical: time.logical + 1 }, requests, digest);
    return { ...message, batch, signature: signProposal(by, message.view, message.sequence, batch.digest).signature };
  };
  const otherResults = (message: Reply): Reply => {
    const { client } = message;
    const view = message.view + random.below(3);
    const lied = message.results.map((result) => ({ ...result, result: Uint8Array.of(2) }));
    const { root, paths } = resultTree(lied.map((result) => resultLeaf({ client, ...result }, digest)), digest);
    const executed = { ...message.executed, root };
    const results = lied.map((result, index) => ({ ...result, path: paths[index]! }));
    return { ...message, view, executed, results, signature: signExecuted(by, executed) };
  };
  const bad = (bytes: Uint8Array): Uint8Array => digest(bytes);

  const change = (to: PeerId, message: Message): Message | undefined => {
    switch (message.type) {
      case "pre-prepare":
        if (!lies.equivocate) return message;
        {
          const told = otherSide.has(to) !== random.chance(0.2) ? other(message) : message;
          say(to, told);
          say(to, signVote(by, "commit", message.view, message.sequence, told.batch.digest));
          return undefined;
        }
      case "prepare":
      case "commit":
        if (lies.badDigests && random.chance(0.3))
          return signVote(by, message.type, message.view, message.sequence, bad(message.digest));
        if (lies.equivocate && random.chance(0.5))
          say(to, signVote(by, "commit", message.view, message.sequence, message.digest));
        return message;
      case "checkpoint":
        return lies.badDigests ? signCheckpoint(by, message.sequence, bad(message.digest)) : message;
      case "view-change":
        return lies.forgeViews && random.chance(0.7) ? signViewChange(by, message.view, message.stable, []) : message;
      case "new-view":
        if (!lies.forgeViews || configuration.replicas[message.view % configuration.replicas.length] !== self)
          return message;
        {
          const plan = planNewView(message.viewChanges, BEGINNING).proposals;
          const forged = plan.map((proposal) =>
            otherSide.has(to) ? { ...proposal, digest: new Uint8Array(32) } : proposal,
          );
          return signNewView(by, message.view, message.viewChanges, forged);
        }
      case "reply":
        return lies.lieInReplies ? otherResults(message) : message;
      case "chunk":
        return lies.lieInReplies ? { ...message, bytes: message.bytes.map((byte) => byte ^ 1) } : message;
      default:
        return message;
    }
  };

  return {
    self,
    onFrame: (handle) => world.network.onFrame(handle),
    onLink: (handle) => world.network.onLink(handle),
    dial: (peer, address) => world.network.dial(peer, address),
    hangUp: (peer) => world.network.hangUp(peer),
    send(to, frame) {
      if (lies.mute) {
        if (muteUntil.ms < simulation.now && random.chance(0.01))
          muteUntil.ms = simulation.now + random.between(100, 1_500);
        if (simulation.now < muteUntil.ms) return "sent";
      }
      if (lies.spam && random.chance(0.1)) {
        say(to, signVote(by, "commit", random.below(1_000), random.below(10_000), digest(frame)));
        say(to, signCheckpoint(by, 8 * random.below(1_000), digest(frame)));
        say(to, signViewChange(by, 1 + random.below(1_000_000), BEGINNING, []));
        say(to, signComplaint(by, random.below(6)));
        const resigned = by.index + configuration.replicas.length * random.below(3);
        say(to, { type: "departure", certificate: signResignation(by, resigned) });
      }
      if (last?.frame !== frame) {
        const decoded = codec.decode(frame);
        last = { frame, message: decoded.ok ? decoded.value : undefined };
      }
      if (last.message === undefined) return world.network.send(to, frame);
      const changed = change(to, last.message);
      return changed === undefined
        ? "sent"
        : changed === last.message
        ? world.network.send(to, frame)
        : say(to, changed);
    },
  };
}

/** One kind of lie, or several, as the seed has it. */
export function someLies(seed: number): Lies {
  const random = new SeededRandom(seed).split("lies");
  const lies = {
    equivocate: random.chance(0.6),
    mute: random.chance(0.3),
    badDigests: random.chance(0.3),
    forgeViews: random.chance(0.6),
    lieInReplies: random.chance(0.4),
    spam: random.chance(0.3),
  };
  return lies;
}
