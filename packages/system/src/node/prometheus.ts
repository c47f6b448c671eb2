/**
 * Numbers for Prometheus. Hot paths bump plain numbers; they are read when somebody scrapes.
 */
import { Counter, Gauge, Registry } from "prom-client";

/** One number that a node shows. */
export interface Metric {
  /** Name in Prometheus' form, unit last: `void_pbft_executed_total`. */
  readonly name: string;
  /** Meaning, for people. */
  readonly help: string;
  /** A counter only grows; a gauge goes both ways. */
  readonly type: "counter" | "gauge";
  /** Its value now. */
  readonly read: () => number;
}

/** All metrics of a node. */
export class Metrics {
  readonly #registry = new Registry();

  /** The media type of {@link Metrics.text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Adds metrics; a name counts once. */
  add(metrics: readonly Metric[]): void {
    for (const { name, help, type, read } of metrics) {
      const registers = [this.#registry];
      if (type === "gauge") {
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(read());
          },
        });
      } else {
        new Counter({
          name,
          help,
          registers,
          collect() {
            this.reset();
            this.inc(read());
          },
        });
      }
    }
  }

  /** Every metric in the text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
