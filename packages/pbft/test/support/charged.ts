/** The signatures of the tests are cheap; the simulated thread of a node pays for real ones. */
import type { ClusterOptions } from "./cluster.ts";

export const charged: NonNullable<ClusterOptions["ports"]> = ({ digest, sign, verify }, simulation) => ({
  digest,
  sign(bytes) {
    simulation.spend("sign", bytes.length);
    return sign(bytes);
  },
  verify(signer, bytes, signature) {
    simulation.spend("verify", bytes.length);
    return verify(signer, bytes, signature);
  },
});
