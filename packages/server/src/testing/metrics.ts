export { Counting } from '../features/metrics/counting.ts'
export type { Metric, Values } from '../features/metrics/metric.ts'
export { metricTable } from '../features/metrics/table.ts'
