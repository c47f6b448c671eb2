/**
 * Removes kinds of randomness from a run, to show which of them a failure needs.
 */
import { LINK_CALMS, type LinkCalm, type LinkConditions } from "../world/link-conditions.ts";
import type { SimulationOptions } from "../world/simulation-options.ts";

/** Kind of randomness that can be removed from a run, to make it simpler: one of a link, or all of disks or clocks. */
export type Calm = LinkCalm | "disk" | "clock";

/** All kinds, in the order in which shrinking tries them. */
export const CALMS: readonly Calm[] = [...linkCalms(), "disk", "clock"];

/** Returns the same parts without the listed kinds of randomness. */
export function calmed<P extends Pick<SimulationOptions, "network" | "disk" | "compute" | "clock" | "cpu">>(parts: P, calm: readonly Calm[]): P {
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
  let calmer: LinkConditions = {};
  for (const kind of linkCalms()) if (calm.includes(kind)) calmer = { ...calmer, ...LINK_CALMS[kind](given) };
  return calmer;
}

function linkCalms(): readonly LinkCalm[] {
  // The table has these keys and no others: it is written as a literal.
  return Object.keys(LINK_CALMS) as LinkCalm[];
}
