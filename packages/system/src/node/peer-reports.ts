/**
 * The exchange of {@link PeerReport}s: each node sends its own over every link, at once and then each second. Links are
 * authenticated and reports are not relayed, so that a report is its sender's.
 */
import type { Cancel, Clock, Network, PeerId } from "@void-system/effects";
import { type PeerReport, decodePeerReport, encodePeerReport } from "./peer-report.ts";

/** Time between two reports of a node. */
const REPORT_INTERVAL_MS = 1_000;
/** A report that is older says nothing of the present. */
const REPORT_AGE_MAX_MS = 4_000;

/** A report, and the sender's clock against this node's. */
export interface HeardPeer extends PeerReport {
  /** The sender's wall clock minus this node's when the report came; the time on the way is part of it. */
  readonly offsetMs: number;
  /** Arrival of the report, by this node's monotonic clock. */
  readonly heardMs: number;
}

/** The parts of {@link PeerReports}. */
export interface PeerReportsParts {
  /** The node's clock. */
  readonly clock: Clock;
  /** The channel of the reports. */
  readonly network: Network;
  /** Returns this node's report, each time. */
  readonly report: () => PeerReport;
  /** Called with each report of a peer. */
  readonly onReport: (from: PeerId, report: PeerReport) => void;
  /** Called each second. */
  readonly onTick: () => void;
}

/** The reports of one node and of its peers. */
export class PeerReports {
  readonly #parts: PeerReportsParts;
  readonly #linked = new Set<PeerId>();
  readonly #heard = new Map<PeerId, HeardPeer>();
  readonly #detach: readonly Cancel[];
  #timer: Cancel | undefined;

  constructor(parts: PeerReportsParts) {
    this.#parts = parts;
    const { network } = parts;
    this.#detach = [
      network.onFrame((from, frame) => this.#onFrame(from, frame)),
      network.onLink((peer, state) => {
        if (peer === network.self || state === "writable") return;
        this.#linked.delete(peer);
        this.#heard.delete(peer);
        if (state !== "up") return;
        this.#linked.add(peer);
        network.send(peer, encodePeerReport(parts.report()));
      }),
    ];
    this.#tick();
  }

  /** Returns the newest report of each peer that is linked and has reported lately. */
  recent(): ReadonlyMap<PeerId, HeardPeer> {
    const nowMs = this.#parts.clock.monotonicMs();
    return new Map([...this.#heard].filter(([, { heardMs }]) => nowMs - heardMs <= REPORT_AGE_MAX_MS));
  }

  /** Sends this node's report now: something in it has changed that cannot wait. */
  send(): void {
    if (this.#linked.size === 0) return;
    const frame = encodePeerReport(this.#parts.report());
    for (const peer of this.#linked) this.#parts.network.send(peer, frame);
  }

  /** Sends and hears nothing from here on. */
  stop(): void {
    this.#timer?.();
    for (const detach of this.#detach) detach();
  }

  #tick(): void {
    this.#timer = this.#parts.clock.schedule(REPORT_INTERVAL_MS, () => {
      this.send();
      this.#parts.onTick();
      this.#tick();
    });
  }

  #onFrame(from: PeerId, frame: Uint8Array): void {
    if (!this.#linked.has(from)) return;
    const report = decodePeerReport(frame);
    if (!report.ok) return;
    const { clock } = this.#parts;
    this.#heard.set(from, { ...report.value, offsetMs: report.value.wallMs - clock.wallMs(), heardMs: clock.monotonicMs() });
    this.#parts.onReport(from, report.value);
  }
}
