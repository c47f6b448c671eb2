export { CHAIN_BLOCKS_MAX, CHAIN_BYTES_MAX, CHAIN_PAYLOAD_BYTES_MAX } from "./chain-format.ts";
export { mintChain, type OpenChain, openChain, type ShownChain } from "./open-chain.ts";
export { type ChainContents, readChain } from "./read-chain.ts";
export { type ChainRefusal, type ChainVerdict, verifyChain, type VerifyChainOptions } from "./verify-chain.ts";
