/** A replica that is out of the view alone, and that the others follow in the end. */
import type { Replica } from "./replica.ts";

/** It is followed after so many timeouts. */
const FOLLOW_TIMEOUTS = 10;
/** It is not followed further than this many views. */
const FOLLOW_VIEWS = 16;

/**
 * A view that a replica has asked for alone, for too long: it saw f+1 complaints that were taken back before the others
 * saw them, and can vote no more until the others follow. They do, for one fault less to tolerate is worth a view
 * change. A liar can ask so as well, and gets one view change in that time, no more. Undefined when there is none.
 */
export function viewToFollow(replica: Replica): number | undefined {
  const { view, catchUp } = replica;
  if (view.changing) return undefined;
  const sinceMs = replica.now.monotonicMs - FOLLOW_TIMEOUTS * replica.tuning.timeoutMs;
  const recent = new Map([...catchUp.statuses(sinceMs)].map((status) => [status.sender, status]));
  let follow: number | undefined;
  for (const asked of view.askedBeyond()) {
    const status = recent.get(asked.sender);
    const isOut = status?.changing === true && status.view === asked.view;
    if (isOut && asked.view <= view.number + FOLLOW_VIEWS && asked.atMs <= sinceMs)
      follow = Math.min(follow ?? asked.view, asked.view);
  }
  return follow;
}
