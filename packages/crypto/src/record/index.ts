export {
  type PeerRecordRefusal,
  peerRecordReader,
  type PeerRecordTrust,
  type PeerRecordVerdict,
  signPeerRecord,
  unsignedPeerRecord,
} from "./peer-record.ts";
export { PEER_RECORD_BYTES_MAX, type PeerRecord } from "./record-format.ts";
