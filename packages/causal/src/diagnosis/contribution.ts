import type { Evidence } from "./evidence.ts";
import type { Gains } from "./gains.ts";

/** By row, in the unit of the target's metric: the part of the target's deviation that comes from one node itself. */
export interface Contribution {
  /** In the normal period. */
  readonly normal: Float64Array;
  /** In the incident. */
  readonly incident: Float64Array;
}

/**
 * Splits the target's deviation over the nodes. A callee's deviation counts as often as one request of the target calls
 * it, and what arrives from a node's own callees is taken off: waiting for a slow service is a symptom. Where everything is
 * measured and the gains are true, the parts add up to the target's deviation.
 *
 * Members of a group are taken one by one, calls within the group left out. The part of a node without a way to the
 * target is the one that it would have if the target called it as often as it is called.
 */
export function contributionsOf(evidence: Evidence, gains: Gains): readonly (Contribution | undefined)[] {
  const { system, measured, symptom } = evidence;
  const { causes, groupOf } = system;
  const reach = arrivalsOf(evidence, gains);
  return measured.map((own, node) => {
    if (!own) return undefined;
    const isApart = system.nextHop[node] === -1 && node !== system.target;
    const calls = isApart ? (symptom.load > 0 ? own.load / symptom.load : 0) : (reach[node] ?? 0);
    const part = { normal: scaled(own.normal, calls), incident: scaled(own.incident, calls) };
    for (const [at, cause] of (causes[node] ?? []).entries()) {
      const callee = measured[cause];
      const weight = calls * (gains[node]?.[at] ?? 0);
      if (!callee || weight === 0 || groupOf[cause] === groupOf[node]) continue;
      takeOff(part.normal, callee.normal, weight);
      takeOff(part.incident, callee.incident, weight);
    }
    return part;
  });
}

/** By node: how much of its deviation arrives at the target, over all ways. */
function arrivalsOf({ system, measured }: Evidence, gains: Gains): Float64Array {
  const { groups, groupOf, causes, target, names } = system;
  const arrives = new Float64Array(names.length);
  for (const members of groups.toReversed()) {
    if (members.includes(target)) arrives[target] = 1;
    // Within a group, all that enters at one member may come from any of them.
    const group = members.reduce((most, member) => Math.max(most, arrives[member] ?? 0), 0);
    for (const member of members) {
      arrives[member] = group;
      for (const [at, cause] of (causes[member] ?? []).entries()) {
        if (groupOf[cause] === groupOf[member]) continue;
        // An unmeasured caller passes on what it gets.
        const gain = measured[member] ? (gains[member]?.[at] ?? 0) : 1;
        arrives[cause] = (arrives[cause] ?? 0) + group * gain;
      }
    }
  }
  return arrives;
}

function scaled(values: Float64Array, weight: number): Float64Array {
  const part = new Float64Array(values.length);
  for (let row = 0; row < part.length; row++) part[row] = weight * (values[row] ?? Number.NaN);
  return part;
}

/** A row in which the node itself was not measured says nothing of it (NaN stays); an unmeasured callee has nothing to take off. */
function takeOff(part: Float64Array, values: Float64Array, weight: number): void {
  for (let row = 0; row < part.length; row++) {
    const value = values[row] ?? Number.NaN;
    if (!Number.isNaN(value)) part[row] = (part[row] ?? Number.NaN) - weight * value;
  }
}
