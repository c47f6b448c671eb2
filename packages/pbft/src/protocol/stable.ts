/** The stable checkpoint before every batch: the state that all replicas begin with needs no proof. */
import type { StableCertificate } from "../codec/certificate.ts";
import { DIGEST_BYTES } from "../limits.ts";

/** Sequence 0. */
export const BEGINNING: StableCertificate = { sequence: 0, digest: new Uint8Array(DIGEST_BYTES), votes: [] };
