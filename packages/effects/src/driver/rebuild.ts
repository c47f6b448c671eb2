/**
 * A core's beginning: from its checkpoint and the records after it.
 */
import { type Lsn, lsn } from "../brand.ts";
import type { Codec, Core } from "../core.ts";
import { RecordError } from "../errors.ts";
import type { Recovered } from "../world.ts";

/**
 * Rebuilds a core; returns the log's last position.
 *
 * @throws {@link RecordError} when a record does not decode, and what the core throws.
 */
export function rebuild<M, Q, R, D>(
  core: Core<M, Q, R, D>,
  name: string,
  opened: Recovered,
  records: Codec<R>,
): Lsn {
  const { checkpoint } = opened;
  let last = checkpoint?.upTo ?? lsn(0);
  if (checkpoint) core.restore(checkpoint.upTo, checkpoint.chunks);
  for (const bytes of opened.records) {
    last = lsn(last + 1);
    const record = records.decode(bytes);
    if (!record.ok) throw new RecordError(name, last, record.reason);
    core.recover(last, record.value);
  }
  return last;
}
