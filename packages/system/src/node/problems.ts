/**
 * The problems of a cluster that one node can see: of itself, and of its peers. Pure: facts in, problems out.
 */
import type { Evidence } from "@void-system/pbft";
import type { HeardPeer } from "./peer-reports.ts";
import { NOT_COMPARED, type PeerReport } from "./peer-report.ts";

/** Names of problems, for programs. */
export type ProblemName =
  | "volatile"
  | "root-key-differs"
  | "config-differs"
  | "clock-off"
  | "refuses-every-time"
  | "client-refused"
  | "replica-lied"
  | "disk-space"
  | "state-size"
  | "disk-emptied"
  | "waiting-for-peers";

/** Something that is wrong, and with whom. */
export interface Problem {
  /** Stable name of the problem, for programs. */
  readonly name: ProblemName;
  /** The node that has the problem. */
  readonly about: string;
  /** A red problem makes the node that has it useless or faulty; a yellow one is a risk. */
  readonly level: "red" | "yellow";
  /** Expected, got, what to do. */
  readonly message: string;
}

/** Free and total bytes of the file system that holds the log. */
export interface DiskSpace {
  /** Bytes that this user may still write. */
  readonly freeBytes: number;
  /** Size of the file system. */
  readonly totalBytes: number;
}

/** The facts that problems follow from. */
export interface Facts {
  /** This node. */
  readonly self: string;
  /** True for a node that keeps its log in memory. */
  readonly isVolatile: boolean;
  /** Number of replicas that may be faulty. */
  readonly f: number;
  /** Largest difference between clocks. */
  readonly driftMs: number;
  /** This node's own report. */
  readonly report: Pick<PeerReport, "rootKeyId" | "configId" | "isEmptied">;
  /** The newest report of each replica that is linked, but for this one. */
  readonly replicas: ReadonlyMap<string, Pick<HeardPeer, "rootKeyId" | "configId" | "isEmptied" | "offsetMs">>;
  /** True when this replica has lately refused the time of all that was proposed. */
  readonly refusesTimes: boolean;
  /** The last refusal of this node's own client, if nothing was executed for it since. */
  readonly clientRefusal: string | undefined;
  /** Contradictions that other replicas have signed. */
  readonly lies: readonly (Pick<Evidence, "kind" | "view" | "sequence"> & { readonly culprit: string })[];
  /** True while an empty folder waits for the word of the peers. */
  readonly isWaiting: boolean;
  /** Room on the disk, and the bytes of the state, of which a checkpoint needs a second copy. */
  readonly disk: (DiskSpace & { readonly stateBytes: number }) | undefined;
  /** Bytes of the state that count, and the most of them. */
  readonly state: { readonly liveBytes: number; readonly maxStateBytes: number } | undefined;
}

/** Each of them sees one kind of problem. */
const CHECKS: readonly ((facts: Facts) => readonly Problem[])[] = [forgetful, rootKeys, configurations, clocks, refusedTimes, refusedClient, lied, space, size, emptied, waiting];

/** Returns all problems, the red ones first. */
export function problemsOf(facts: Facts): readonly Problem[] {
  const found = CHECKS.flatMap((check) => check(facts));
  return [...found.filter(({ level }) => level === "red"), ...found.filter(({ level }) => level === "yellow")];
}

function forgetful({ self, isVolatile }: Facts): readonly Problem[] {
  if (!isVolatile) return [];
  return [{ name: "volatile", about: self, level: "yellow", message: "this node keeps nothing over a restart, since it has no dataDirectory" }];
}

function rootKeys(facts: Facts): readonly Problem[] {
  return differing(facts, "root-key-differs", ({ rootKeyId }) => rootKeyId, {
    own: (peers) => `the root key differs from that of ${peers}, so that this node refuses the tokens of the others; copy their file to rootKeyFile and restart this node`,
    other: "its root key differs from this node's, so that it refuses the tokens of the others; copy the file of the others to its rootKeyFile and restart it",
  });
}

function configurations(facts: Facts): readonly Problem[] {
  return differing(facts, "config-differs", ({ configId }) => configId, {
    own: (peers) => `replicaIds (in their order), pbftF, viewTimeoutMs or maxStateBytes differ from those of ${peers}, so that this node cannot agree with them; make config.json the same and restart this node`,
    other: "its replicaIds (in their order), pbftF, viewTimeoutMs or maxStateBytes differ from this node's, so that it cannot agree with the others; make its config.json the same and restart it",
  });
}

/** A fact that f+1 peers have otherwise is wrong here, since one of them is honest; else it is wrong there. */
function differing(
  { self, f, report, replicas }: Facts,
  name: ProblemName,
  factOf: (report: Facts["report"]) => string,
  messages: { readonly own: (peers: string) => string; readonly other: string },
): readonly Problem[] {
  const own = factOf(report);
  if (own === NOT_COMPARED) return [];
  const others = [...replicas].filter(([, peer]) => factOf(peer) !== own && factOf(peer) !== NOT_COMPARED).map(([id]) => id);
  if (others.length > f) return [{ name, about: self, level: "red", message: messages.own(others.join(", ")) }];
  return others.map((about): Problem => ({ name, about, level: "red", message: messages.other }));
}

/** Clocks are held against the median, which f liars of 3f+1 cannot move beyond the honest ones. */
function clocks({ self, f, driftMs, replicas }: Facts): readonly Problem[] {
  const offsets = [...replicas.values()].map(({ offsetMs }) => offsetMs);
  if (offsets.length <= f) return [];
  const peersMs = median(offsets);
  if (Math.abs(peersMs) > driftMs) {
    const message = `this machine's clock is ${apart(-peersMs)} the median of ${offsets.length} peers, more than the ${driftMs} ms that a cluster allows; set it right, then restart this node`;
    return [{ name: "clock-off", about: self, level: "red", message }];
  }
  const allMs = median([...offsets, 0]);
  return [...replicas].flatMap(([about, { offsetMs }]): readonly Problem[] => {
    if (Math.abs(offsetMs - allMs) <= driftMs) return [];
    return [{ name: "clock-off", about, level: "red", message: `its clock is ${apart(offsetMs - allMs)} the median of the nodes; set it right, then restart it` }];
  });
}

function refusedTimes({ self, refusesTimes }: Facts): readonly Problem[] {
  if (!refusesTimes) return [];
  return [{ name: "refuses-every-time", about: self, level: "red", message: "this replica votes for nothing: it refuses the time of everything that the primary proposes; compare the clocks" }];
}

function refusedClient({ self, clientRefusal }: Facts): readonly Problem[] {
  if (clientRefusal === undefined) return [];
  return [{ name: "client-refused", about: self, level: "red", message: `the replicas refuse the commands of this node: ${clientRefusal}` }];
}

function lied({ lies }: Facts): readonly Problem[] {
  return lies.map(({ culprit, kind, view, sequence }): Problem => {
    const place = kind === "checkpoint" ? `checkpoint ${sequence}` : `${kind} of batch ${sequence} in view ${view}`;
    const message = `it has signed two contradicting statements, each a ${place}, so it runs twice under one key, lost a part of its disk, or is in other hands: stop it, look for a second process or a copied disk, and replace its machine and key; the proof is under lies in /status`;
    return { name: "replica-lied", about: culprit, level: "red", message };
  });
}

const RED_BYTES = 67_108_864;

/** A checkpoint is a second copy of the state, and the log grows beside it. */
function space({ self, disk }: Facts): readonly Problem[] {
  if (!disk) return [];
  const { freeBytes, totalBytes, stateBytes } = disk;
  const needed = stateBytes * 2;
  const isRed = freeBytes < Math.max(needed, Math.min(RED_BYTES, totalBytes / 50));
  if (!isRed && freeBytes >= Math.max(needed * 2, totalBytes / 10)) return [];
  const message = `${megabytes(freeBytes)} of ${megabytes(totalBytes)} are free in dataDirectory, and a checkpoint of the state needs up to ${megabytes(needed)}; make space, because the node ends when there is none`;
  return [{ name: "disk-space", about: self, level: isRed ? "red" : "yellow", message }];
}

/** Part of the state's bytes from which its growth is a problem. */
const NEARLY_FULL = 0.9;

/** The node itself is sound when its state is full: it serves reads, and deletes make room. */
function size({ self, state }: Facts): readonly Problem[] {
  if (!state || state.liveBytes < state.maxStateBytes * NEARLY_FULL) return [];
  const { liveBytes, maxStateBytes } = state;
  const message = `the state has ${megabytes(liveBytes)} of maxStateBytes, ${megabytes(maxStateBytes)}, and writes beyond that fail with OOM; delete keys`;
  return [{ name: "state-size", about: self, level: "yellow", message }];
}

function emptied({ self, report, replicas }: Facts): readonly Problem[] {
  const message = "it began with an empty disk by --empty-disk and has forgotten its votes: it counts as one of the f faulty replicas until its next checkpoints";
  const all = [...(report.isEmptied ? [self] : []), ...[...replicas].filter(([, { isEmptied }]) => isEmptied).map(([id]) => id)];
  return all.map((about): Problem => ({ name: "disk-emptied", about, level: "red", message }));
}

function waiting({ self, isWaiting }: Facts): readonly Problem[] {
  if (!isWaiting) return [];
  const message = "dataDirectory is empty, and too few peers have said whether this replica has voted; start the other nodes, or look at their links";
  return [{ name: "waiting-for-peers", about: self, level: "red", message }];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function apart(ms: number): string {
  return `${(Math.abs(ms) / 1_000).toFixed(1)} s ${ms > 0 ? "ahead of" : "behind"}`;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_048_576)} MiB`;
}
