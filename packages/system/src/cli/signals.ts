/**
 * Ctrl-C, once and for all: from the first signal on, the command ends what it has begun.
 */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Aborts at the first signal to end. Those that follow change nothing: the terminal and npm may both send one, and the
 * second must not cut short what the first began.
 */
export function interruption(): AbortSignal {
  const abort = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => abort.abort());
  return abort.signal;
}
