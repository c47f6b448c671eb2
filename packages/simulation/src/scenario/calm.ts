/**
 * Removes kinds of randomness from a run, to show which of them a failure needs.
 */
import type { LinkConditions } from "../world/link-conditions.ts";
import type { Calm, ScenarioParts } from "./scenario.ts";

/** Returns the same parts without the listed kinds of randomness. */
export function calmed<A>(parts: ScenarioParts<A>, calm: readonly Calm[]): ScenarioParts<A> {
  if (calm.length === 0) return parts;
  const { network = {}, disk = {}, compute = {} } = parts;
  const link = network.link;
  return {
    ...parts,
    network: {
      ...network,
      ...calmLink(network, calm),
      ...(link && {
        link: (from, to): LinkConditions | undefined => {
          const given = link(from, to);
          return given && { ...given, ...calmLink({ ...network, ...given }, calm) };
        },
      }),
    },
    ...(calm.includes("disk") && {
      disk: { ...disk, syncMaxMs: disk.syncMinMs ?? 0.1, tornWrites: false },
      // With `cpu` alone, jobs have no threads of their own, so no random durations.
      ...((parts.compute || !parts.cpu) && { compute: { ...compute, maxMs: compute.minMs ?? 0.05 } }),
    }),
    ...(calm.includes("clock") && { clock: {} }),
  };
}

function calmLink(given: LinkConditions, calm: readonly Calm[]): LinkConditions {
  const kinds = ["loss", "duplicate", "reorder", "corrupt"] as const;
  return {
    ...Object.fromEntries(kinds.filter((kind) => calm.includes(kind)).map((kind) => [kind, 0])),
    ...(calm.includes("delay") && { maxDelayMs: given.minDelayMs ?? 0.2 }),
  };
}
