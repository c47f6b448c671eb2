/** Maximum length of a key, in bytes of UTF-8. */
export const KEY_BYTES_MAX: number = 2 ** 16 - 1;
/** Maximum length of a value, in bytes. */
export const VALUE_BYTES_MAX: number = 2 ** 20;
