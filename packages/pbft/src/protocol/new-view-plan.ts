/**
 * The proposals of a NEW-VIEW, computed from its VIEW-CHANGEs (Castro & Liskov 1999, §4.4). The new primary builds O
 * with it and every backup checks O against it, so it must depend on nothing else.
 */
import { NULL_BATCH } from "../codec/batch.ts";
import type { PreparedCertificate, StableCertificate } from "../codec/certificate.ts";
import type { ViewChange } from "../codec/message.ts";

/** The outcome for a set V of VIEW-CHANGEs. */
export interface NewViewPlan {
  /** The latest stable checkpoint in V: min-s, with its proof. */
  readonly stable: StableCertificate;
  /** One entry for each sequence number above min-s up to max-s, in order. */
  readonly proposals: readonly { readonly sequence: number; readonly digest: Uint8Array }[];
}

/**
 * For each n in (min-s, max-s] the digest prepared in the highest view, else the null request. Two certificates of
 * one view and n cannot name different digests: their quorums share a correct replica.
 */
export function planNewView(viewChanges: readonly ViewChange[], beginning: StableCertificate): NewViewPlan {
  let stable = beginning;
  for (const viewChange of viewChanges) if (viewChange.stable.sequence > stable.sequence) stable = viewChange.stable;
  const chosen = new Map<number, PreparedCertificate>();
  let last = stable.sequence;
  for (const { prepared } of viewChanges) {
    for (const certificate of prepared) {
      if (certificate.sequence <= stable.sequence) continue;
      last = Math.max(last, certificate.sequence);
      const other = chosen.get(certificate.sequence);
      if (other === undefined || certificate.view > other.view) chosen.set(certificate.sequence, certificate);
    }
  }
  const proposals = [];
  for (let sequence = stable.sequence + 1; sequence <= last; sequence += 1) {
    proposals.push({ sequence, digest: chosen.get(sequence)?.digest ?? NULL_BATCH.digest });
  }
  return { stable, proposals };
}
