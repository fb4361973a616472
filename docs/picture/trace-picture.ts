/** A span of an export of OTLP in JSON, as far as the picture needs it. */
interface OtlpSpan {
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  status?: { code?: number }
}

/** An export of OTLP in JSON, as a collector writes it to a file. */
interface OtlpExport {
  resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[]
}

/** A bar of the picture. Times are milliseconds since the trace began. */
interface Bar {
  name: string
  start: number
  end: number
  /** Number of spans around it. */
  depth: number
  kind: 'whole' | 'person' | 'attempt' | 'part' | 'failed'
}

const [width, row, top] = [960, 26, 64]
const area = { left: 200, right: 850 }
/** Width of a wait for a person: it may last for days, and would leave no room for the join. */
const squeezed = 90

/** Spans that wait for a person, or for a machine to be started. */
const persons: readonly string[] = ['code', 'approval']

/** One trace of an export as SVG: a bar for each span, below the span that it is a part of. Throws if there is no trace in it. */
export const tracePicture = (otlp: OtlpExport): string => {
  const bars = barsOf(otlp.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
  const scale = scaleOf(bars)
  const height = top + bars.length * row + 20
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(describe(bars))}">
<style>
text { font: 13px system-ui, sans-serif; fill: #1b1b1b; } .time { font-size: 11.5px; fill: #444; } .tick { text-anchor: middle; }
.rule { stroke: #d5dbe1; stroke-width: 1; } .whole { fill: #5b6b7b; } .person { fill: #c9962a; } .attempt { fill: #0b62b3; }
.part { fill: #6aa5d8; } .failed { fill: #b3261e; } .cut { fill: none; stroke: #fff; stroke-width: 3; }
</style>
<rect width="${width}" height="${height}" fill="#fff"/>
${ticksOf(scale, height)}
${bars.map((bar, index) => drawBar(bar, top + index * row, scale)).join('\n')}
</svg>
`
}

/** The spans as bars: each below its parent, and in the order of time. Only one trace is drawn: that of the first root. */
const barsOf = (spans: readonly OtlpSpan[]): Bar[] => {
  const root = spans.find(({ parentSpanId }) => !parentSpanId)
  if (root === undefined) throw new Error('there is no trace in it: no span is without a parent')
  const begin = BigInt(root.startTimeUnixNano)
  const since = (nanoseconds: string): number => Number(BigInt(nanoseconds) - begin) / 1e6
  const below = (span: OtlpSpan, depth: number): Bar[] => {
    const children = spans.filter(({ parentSpanId }) => parentSpanId === span.spanId)
    const { name, startTimeUnixNano, endTimeUnixNano } = span
    const bar = { name, start: since(startTimeUnixNano), end: since(endTimeUnixNano), depth, kind: kindOf(span, depth) }
    return [bar, ...children.sort(byStart).flatMap((child) => below(child, depth + 1))]
  }
  return below(root, 0)
}

const byStart = (one: OtlpSpan, other: OtlpSpan): number =>
  Number(BigInt(one.startTimeUnixNano) - BigInt(other.startTimeUnixNano))

const kindOf = ({ name, status }: OtlpSpan, depth: number): Bar['kind'] => {
  if (status?.code === 2) return 'failed'
  if (depth === 0) return 'whole'
  if (persons.includes(name)) return 'person'
  return name === 'attempt' ? 'attempt' : 'part'
}

interface Scale {
  x(time: number): number
  /** Waits that are drawn shorter than they are. */
  waits: readonly Pick<Bar, 'start' | 'end'>[]
  /** Time from which the scale counts: the end of the last wait for a person. */
  zero: number
  end: number
}

/** The place of each time. A wait for a person that is longer than a tenth of the rest has a fixed width. */
const scaleOf = (bars: readonly Bar[]): Scale => {
  const end = Math.max(1, ...bars.map((bar) => bar.end))
  const all = bars.filter(({ kind }) => kind === 'person').sort((one, other) => one.start - other.start)
  const rest = end - lengthOf(all)
  const waits = all.filter((wait) => wait.end - wait.start > rest / 10)
  const perMillisecond = (area.right - area.left - waits.length * squeezed) / Math.max(1, end - lengthOf(waits))
  const x = (time: number): number => {
    const before = waits.filter((wait) => wait.start < time)
    const within = before.map((wait) => Math.min(1, (time - wait.start) / (wait.end - wait.start)))
    const hidden = before.reduce((sum, wait) => sum + Math.min(time, wait.end) - wait.start, 0)
    const shown = within.reduce((sum, part) => sum + part * squeezed, 0)
    return area.left + shown + (time - hidden) * perMillisecond
  }
  return { x, waits, zero: all.at(-1)?.end ?? 0, end }
}

const lengthOf = (waits: readonly Pick<Bar, 'start' | 'end'>[]): number =>
  waits.reduce((sum, { start, end }) => sum + end - start, 0)

const drawBar = ({ name, start, end, depth, kind }: Bar, y: number, { x, waits }: Scale): string => {
  const [from, until] = [x(start), x(end)]
  const cuts = waits.filter((wait) => start <= wait.start && wait.end <= end)
  const bar = `<rect class="${kind}" x="${round(from)}" y="${y}" width="${round(Math.max(2, until - from))}" height="16" rx="3"/>`
  return [
    `<text x="${16 + depth * 16}" y="${y + 13}">${escaped(name)}</text>`,
    bar,
    ...cuts.map((wait) => {
      const middle = round((x(wait.start) + x(wait.end)) / 2)
      return `<path class="cut" d="M${middle} ${y - 1}l-4 6l8 6l-4 6"/>`
    }),
    `<text class="time" x="${round(until + 6)}" y="${y + 13}">${duration(end - start)}</text>`
  ].join('\n')
}

/** A line for each round time, in at most ten steps. */
const ticksOf = ({ x, zero, end }: Scale, height: number): string => {
  const step = steps.find((one) => (end - zero) / one <= 10) ?? end - zero
  const times = Array.from({ length: Math.floor((end - zero) / step) + 1 }, (_, index) => index * step)
  return [
    `<text x="16" y="24">${zero > 0 ? 'Time since the approval' : 'Time since the beginning'}</text>`,
    ...times.flatMap((time) => {
      const at = round(x(zero + time))
      return [
        `<path class="rule" d="M${at} ${top - 12}V${height - 12}"/>`,
        `<text class="time tick" x="${at}" y="${top - 18}">${duration(time)}</text>`
      ]
    })
  ].join('\n')
}

const steps = [1, 2, 5]
  .flatMap((digit) => [1, 10, 100, 1000, 10_000].map((zeros) => digit * zeros))
  .concat([30_000, 60_000, 300_000, 600_000])
  .sort((one, other) => one - other)

/** A time in words, such as `3.2 s`. */
const duration = (milliseconds: number): string => {
  if (milliseconds === 0) return '0'
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

const describe = (bars: readonly Bar[]): string =>
  `Trace of a join: ${bars.map(({ name, start, end }) => `${name} ${duration(end - start)}`).join(', ')}`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const round = (value: number): string => value.toFixed(0)
