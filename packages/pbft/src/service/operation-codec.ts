/** Operations and results of an application, as the log carries them. */
export interface OperationCodec<Operation, Result> {
  /** The bytes of an operation. */
  encode(operation: Operation): Uint8Array;
  /** The result of bytes; throws what the caller of `request` is to see when they mean a failure. */
  decode(result: Uint8Array): Result;
}

/** For applications that speak bytes. */
export const plainBytes: OperationCodec<Uint8Array, Uint8Array> = {
  encode: (operation) => operation,
  decode: (result) => result,
};
