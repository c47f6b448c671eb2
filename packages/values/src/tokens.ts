/** First bytes of the forms of MessagePack that are used here (its specification, "Formats"). */
export const NIL = 0xc0;
export const FALSE = 0xc2;
export const TRUE = 0xc3;
export const FLOAT_64 = 0xcb;
export const UINT_8 = 0xcc;
export const UINT_16 = 0xcd;
export const UINT_32 = 0xce;
export const UINT_64 = 0xcf;
export const INT_8 = 0xd0;
export const INT_16 = 0xd1;
export const INT_32 = 0xd2;
export const INT_64 = 0xd3;
export const BYTES_8 = 0xc4;
export const BYTES_16 = 0xc5;
export const BYTES_32 = 0xc6;
export const TEXT_8 = 0xd9;
export const TEXT_16 = 0xda;
export const TEXT_32 = 0xdb;
export const ARRAY_16 = 0xdc;
export const ARRAY_32 = 0xdd;
export const MAP_16 = 0xde;
export const MAP_32 = 0xdf;

/** First bytes that hold a length too: the lowest of each row. */
export const MAP_FIXED = 0x80;
export const ARRAY_FIXED = 0x90;
export const TEXT_FIXED = 0xa0;
/** First bytes from here on are small negative numbers; those below {@link MAP_FIXED} are small positive ones. */
export const NEGATIVE_FIXED = 0xe0;

/** The one encoding of NaN: an engine may keep other bits in one. */
export const NAN: Uint8Array = /* @__PURE__ */ Uint8Array.of(FLOAT_64, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0);
