export { Counting } from '../features/metrics/counting.ts'
export type { Metric, Values } from '../features/metrics/metric.ts'
export { alertEvents, metricTable } from '../features/metrics/table.ts'
