/**
 * A run of the seeded world as a message sequence chart: as text, and as a standalone SVG.
 *
 * @packageDocumentation
 */
export { chartSvg } from "./chart-svg.ts";
export { chartText } from "./chart-text.ts";
export { frameLabel } from "./frame-label.ts";
export {
  type ChartEvent,
  type ChartMark,
  type ChartOperation,
  type ChartOptions,
  type ChartRow,
  sequenceChart,
  type SequenceChart,
} from "./sequence-chart.ts";
