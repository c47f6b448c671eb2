/**
 * Building blocks of the planted programs: frames of words, logs of lines.
 */
import { peerId, type World } from "@void-system/effects";
import type * as simulation from "../../src/index.ts";

/** A small distributed program with a bug, and its twin without. */
export interface Planted {
  readonly name: string;
  /** Story of the bug, and its fix. */
  readonly story: string;
  /** Name of the check that fails. */
  readonly check: string;
  /** Makes all parts of a run except its seed, with the bug or without. */
  readonly build: (bug: boolean) => simulation.ScenarioParts<Api>;
}

/** API that a node may offer to clients. */
export interface Api {
  readonly put?: (value: number, done: () => void) => void;
  readonly get?: (done: (value: number) => void) => void;
  readonly drop?: () => void;
}

export type Program = simulation.Program<Api>;
export type Cluster = simulation.Cluster<Api>;

export type Word = string | number;

export function send(world: Pick<World, "network">, to: string, ...words: Word[]): void {
  world.network.send(peerId(to), new TextEncoder().encode(words.join(" ")));
}

/** Calls the handler of a frame's first word with its sender and its other words. */
export function onMessage(
  world: Pick<World, "network">,
  handlers: Readonly<Record<string, (from: string, ...words: string[]) => void>>
): void {
  world.network.onFrame((from, frame) => {
    const [kind = "", ...words] = new TextDecoder().decode(frame).split(" ");
    handlers[kind]?.(from, ...words);
  });
}

/** Calls `go` once the links to all peers are up. */
export function whenLinked(world: Pick<World, "network">, peers: readonly string[], go: () => void): void {
  const left = new Set<string>(peers);
  world.network.onLink((peer, state) => {
    if (state === "up" && left.delete(peer) && left.size === 0) go();
  });
}

/** Acts once a period, the first time after one period. */
export function every(world: Pick<World, "clock">, periodMs: number, act: () => void): void {
  world.clock.schedule(periodMs, () => {
    act();
    every(world, periodMs, act);
  });
}

export interface Lines {
  /** Lines of earlier lives. */
  readonly found: readonly string[];
  /** Snapshot of an earlier life. */
  readonly snapshot: string | undefined;
  append(line: string): void;
  sync(done: () => void): void;
  checkpoint(upTo: number, snapshot: string, done: () => void): void;
}

/** Opens a log of lines. */
export function openLines(world: Pick<World, "disk">, use: (lines: Lines) => void): void {
  world.disk.open("lines", (opened) => {
    if (opened instanceof Error) throw opened;
    const { log } = opened;
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    use({
      found: Array.from(opened.records, text),
      snapshot: opened.checkpoint && Array.from(opened.checkpoint.chunks, text).join(""),
      append: (line) => log.append(new TextEncoder().encode(line)),
      sync: (done) => log.sync(rethrow(done)),
      checkpoint: (upTo, snapshot, done) =>
        log.checkpoint(upTo as never, [new TextEncoder().encode(snapshot)], rethrow(done)),
    });
  });
}

function rethrow(done: () => void): (failure?: Error) => void {
  return (failure) => {
    if (failure) throw failure;
    done();
  };
}
