import { type Metric, metricTable, type Values } from '@joinery/server/testing/metrics'

/** Values of one label that are written out. A longer list is described by its length. */
const listedAtMost = 20

/** The page of the metrics, from the table that the server counts by. */
export const metricsPage = (): string => `<!-- Generated: node_modules/.bin/node docs/server/main.ts -->
# The server's metrics

\`GET /metrics\` has these, over [the listener for metrics](../how-to/monitoring.md) and on the operators' socket, in the text
format of Prometheus. No label has a code, the name of a machine, an address or a key. Every list of values is closed; a version is the only
exception. A value that comes from a newer server or agent is \`other\`.

All counters and histograms begin anew when the server starts. The server makes them from what it commits, and makes nothing up for the
time before. So a join that was under way at a restart lacks the stage of that moment. Gauges are read at the scrape.

| metric | type | labels | what it is |
|---|---|---|---|
${Object.entries<Metric>(metricTable)
  .map(([name, metric]) => `| \`${name}\` | ${typeOf(metric)} | ${labelsOf(metric)} | ${metric.help} |`)
  .join('\n')}

## Buckets

| histogram | upper bounds, in seconds |
|---|---|
${Object.entries<Metric>(metricTable)
  .filter(([, { type }]) => type === 'histogram')
  .map(([name, { buckets = [] }]) => `| \`${name}\` | ${buckets.join(', ')} |`)
  .join('\n')}

The bounds for joins are those by which the kubelet measures the start of Pods (\`podStartupDurationBuckets\` in its
\`pkg/kubelet/metrics/metrics.go\`).
`

const typeOf = ({ type, unit }: Metric): string => (unit === undefined ? type : `${type}, ${unit}`)

const labelsOf = ({ labels }: Metric): string =>
  Object.entries(labels)
    .map(([label, values]) => `\`${label}\`: ${valuesOf(values)}`)
    .join('; ') || 'none'

const valuesOf = (values: Values): string => {
  if ('open' in values) return values.what
  if (values.length > listedAtMost) return `one of ${values.length}, such as \`${values[0]}\``
  return values.map((value) => `\`${value}\``).join(', ')
}
