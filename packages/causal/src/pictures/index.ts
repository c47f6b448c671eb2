export { PAGE_SUSPECTS_MAX, toHtml } from "./html.ts";
export type { PageTables } from "./html.ts";
export { toMermaid } from "./mermaid.ts";
export { toSvg } from "./svg.ts";
