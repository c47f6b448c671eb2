import type { Cancel, Clock, Logger } from "@void-system/effects";

/** Time for which lines are counted, in milliseconds. */
const WINDOW_MS = 60_000;
/** Lines of one reason in a window. */
const LINES_OF_A_REASON_MAX = 4;
/** Lines of all reasons in a window. */
const LINES_MAX = 64;

/** A connection that was refused. */
export interface Refusal {
  /** Stable name of the reason. */
  readonly reason: string;
  /** Address and port of the other end, if they are known. */
  readonly address: string | undefined;
  /** Id of the key that it showed, if it came so far. */
  readonly keyId?: string | undefined;
}

/**
 * Logs who was refused: a few lines a minute for each reason, and one with the number of all others, so that a storm of
 * strangers neither fills the log nor hides the one node that is configured wrong.
 */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, "schedule">;
  readonly #linesOf = new Map<string, number>();
  #lines = 0;
  #unlogged = 0;
  #cancel: Cancel | undefined;

  constructor(logger: Logger, clock: Pick<Clock, "schedule">) {
    this.#logger = logger;
    this.#clock = clock;
  }

  log({ reason, address, keyId }: Refusal): void {
    this.#cancel ??= this.#clock.schedule(WINDOW_MS, () => this.#renew());
    const lines = this.#linesOf.get(reason) ?? 0;
    if (lines >= LINES_OF_A_REASON_MAX || this.#lines >= LINES_MAX) {
      this.#unlogged += 1;
      return;
    }
    this.#linesOf.set(reason, lines + 1);
    this.#lines += 1;
    const fields = { reason, ...(address !== undefined && { address }), ...(keyId !== undefined && { keyId }) };
    this.#logger.log("info", "connection-refused", fields);
  }

  stop(): void {
    this.#cancel?.();
  }

  #renew(): void {
    if (this.#unlogged > 0) this.#logger.log("info", "connections-refused", { count: this.#unlogged, windowMs: WINDOW_MS });
    this.#linesOf.clear();
    this.#lines = 0;
    this.#unlogged = 0;
    this.#cancel = undefined;
  }
}
