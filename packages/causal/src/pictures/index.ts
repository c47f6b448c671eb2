export { toMermaid } from "./mermaid.ts";
export { toSvg } from "./svg.ts";
