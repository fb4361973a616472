export { Counting } from '../metrics/counting.ts'
export type { Metric, Values } from '../metrics/metric.ts'
export { alertEvents, metricTable } from '../metrics/table.ts'
