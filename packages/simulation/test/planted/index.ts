/** Every planted program. */
import { abaLease } from "./aba-lease.ts";
import { clockTrusted } from "./clock-trusted.ts";
import { dirtyRead } from "./dirty-read.ts";
import { doubleDelivery } from "./double-delivery.ts";
import { doubleSpend } from "./double-spend.ts";
import { forgottenVote } from "./forgotten-vote.ts";
import { fsyncIgnored } from "./fsync-ignored.ts";
import { lostAck } from "./lost-ack.ts";
import { lostUpdate } from "./lost-update.ts";
import { lostWakeup } from "./lost-wakeup.ts";
import { nonMonotonicRead } from "./non-monotonic-read.ts";
import { oldIncarnation } from "./old-incarnation.ts";
import { quorumOffByOne } from "./quorum-off-by-one.ts";
import { readYourWrites } from "./read-your-writes.ts";
import { repeatedId } from "./repeated-id.ts";
import { resurrectedDelete } from "./resurrected-delete.ts";
import { retryWithoutKey } from "./retry-without-key.ts";
import { snapshotWithoutTail } from "./snapshot-without-tail.ts";
import { splitBrain } from "./split-brain.ts";
import { staleCacheFill } from "./stale-cache-fill.ts";
import { staleReadAfterPause } from "./stale-read-after-pause.ts";
import { timerAfterCancel } from "./timer-after-cancel.ts";
import { twoPhaseCommit } from "./two-phase-commit.ts";
import { unorderedApply } from "./unordered-apply.ts";
import type { Planted } from "./kit.ts";

export type { Planted } from "./kit.ts";

export const PLANTED: readonly Planted[] = [
  abaLease,
  clockTrusted,
  dirtyRead,
  doubleDelivery,
  doubleSpend,
  forgottenVote,
  fsyncIgnored,
  lostAck,
  lostUpdate,
  lostWakeup,
  nonMonotonicRead,
  oldIncarnation,
  quorumOffByOne,
  readYourWrites,
  repeatedId,
  resurrectedDelete,
  retryWithoutKey,
  snapshotWithoutTail,
  splitBrain,
  staleCacheFill,
  staleReadAfterPause,
  timerAfterCancel,
  twoPhaseCommit,
  unorderedApply,
];
