export { digest } from "./digest.ts";
export { hmacSha256 } from "./hmac.ts";
export { Mac } from "./mac.ts";
