export { Counting } from '../metrics/counting.ts'
export type { Metric, Values } from '../metrics/metric.ts'
export { metricTable } from '../metrics/table.ts'
