/**
 * A chain of signed blocks that its holder can add to and everyone can verify who knows the issuer's public key.
 *
 * @packageDocumentation
 */
export type { KeyId } from "../brand.ts";
export { CHAIN_BLOCKS_MAX, CHAIN_BYTES_MAX, CHAIN_PAYLOAD_BYTES_MAX } from "../chain/chain-format.ts";
export {
  ChainLimitError,
  CryptoError,
  InvalidChainError,
  InvalidOptionError,
  InvalidPublicKeyError,
  InvalidRandomnessError,
  SecretDestroyedError,
} from "../errors.ts";
export { mintChain, type OpenChain, openChain, type ShownChain } from "../chain/open-chain.ts";
export type { PublicKey } from "../keys/public-key.ts";
export type { Random, RandomOptions } from "../keys/random.ts";
export type { SignatureAlgorithm, Signer } from "../keys/signature.ts";
export { type ChainRefusal, type ChainVerdict, verifyChain, type VerifyChainOptions } from "../chain/verify-chain.ts";
