import { version } from '@joinery/protocol'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { Part, Span } from './spans-of.ts'

type ReadableSpan = Parameters<typeof JsonTraceSerializer.serializeRequest>[0][number]
type HrTime = ReadableSpan['startTime']

/** The parts of traces as a request of OTLP over HTTP, in JSON. Import this file lazily: it loads OpenTelemetry. */
export const otlpRequest = (parts: readonly Part[]): Uint8Array => {
  const spans = parts.flatMap(({ trace, spans }) => spans.map((span) => readable(trace, span)))
  const bytes = JsonTraceSerializer.serializeRequest(spans)
  if (bytes === undefined) throw new Error('OpenTelemetry made no request of the spans')
  return bytes
}

const resource = {
  attributes: { 'service.name': 'joinery-server', 'service.version': version }
} as unknown as ReadableSpan['resource']

const scope = { name: 'joinery', version }

/** The span as OpenTelemetry's SDK would give it to an exporter. */
const readable = (
  traceId: string,
  { id, parent, name, start, end, attributes, failure, events }: Span
): ReadableSpan => ({
  name,
  // INTERNAL
  kind: 0,
  spanContext: () => ({ traceId, spanId: id, traceFlags: 1 }),
  ...(parent !== undefined && { parentSpanContext: { traceId, spanId: parent, traceFlags: 1 } }),
  startTime: hrTime(start),
  endTime: hrTime(end),
  // OK, or ERROR
  status: failure === undefined ? { code: 1 } : { code: 2, message: failure },
  attributes,
  links: [],
  events: events.map((event) => ({ name: event.name, time: hrTime(event.at) })),
  duration: [0, 0],
  ended: true,
  resource,
  instrumentationScope: scope,
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0
})

const hrTime = (time: string): HrTime => {
  const milliseconds = Date.parse(time)
  return [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1_000_000]
}
