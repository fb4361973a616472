import type { TimelineEntry } from '@joinery/protocol'
import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { otlpRequest } from '../../../../src/features/notices/traces/otlp.ts'
import { type Part, spansOf } from '../../../../src/features/notices/traces/spans-of.ts'

const id = '01a21d8f-c601-7282-9e7f-034f08959465'
const at = (second: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + second * 1000).toISOString()
const entry = (second: number, event: string, detail = ''): TimelineEntry => ({
  at: at(second),
  actor: 'agent',
  event,
  detail,
  alert: false
})
const enrolment = anEnrolment(id, {
  created: at(10),
  name: 'worker-1',
  key: 'SECRET',
  address: 'SECRET',
  join: { attempts: [{}] }
})
const code = aCode('c', { created: at(0), hash: 'SECRET' })

const way = [
  entry(10, 'enrol', 'SECRET'),
  entry(20, 'approve', 'SECRET'),
  entry(21, 'claim', 'SECRET'),
  entry(22, 'progress', '[preflight] Running pre-flight checks'),
  entry(24, 'csr-approved', 'SECRET'),
  entry(25, 'progress', '[kubelet-start] Starting the kubelet'),
  entry(27, 'register', 'SECRET'),
  entry(30, 'become-ready', 'SECRET')
]
const partOf = (timeline: readonly TimelineEntry[], end = timeline.at(-1), more = {}): Part => {
  const part = spansOf({ enrolment, code, timeline, end: end as TimelineEntry, ...more })
  if (part === undefined) throw new Error('there is no part')
  return part
}
const shown = ({ spans }: Part) =>
  spans.map(({ name, start, end, parent }) => [
    name,
    (Date.parse(start) - Date.parse(at(0))) / 1000,
    (Date.parse(end) - Date.parse(at(0))) / 1000,
    spans.find((one) => one.id === parent)?.name
  ])

t.test('a join is one trace: code, approval, claim, each stage, Node, Ready', async (t) => {
  const part = partOf(way)
  t.equal(part.trace, id.replaceAll('-', ''), 'an operator finds it by the id of the enrolment')
  t.same(shown(part), [
    ['join', 0, 30, undefined],
    ['code', 0, 10, 'join'],
    ['approval', 10, 20, 'join'],
    ['claim', 20, 21, 'join'],
    ['node', 27, 30, 'join'],
    ['attempt', 21, 30, 'join'],
    ['preflight', 22, 25, 'attempt'],
    ['kubelet-start', 25, 30, 'attempt']
  ])
  const [root] = part.spans
  t.match(root, {
    attributes: { 'joinery.enrolment.id': id, 'k8s.node.name': 'worker-1', 'joinery.outcome': 'become-ready' },
    events: [{ name: 'csr-approved', at: at(24) }]
  })
  t.notMatch(JSON.stringify(part), 'SECRET', 'no detail, key, address or hash is in it')
})

t.test('the wait for a machine is in the trace only if the code is for that machine alone', async (t) => {
  t.same(shown(partOf(way, undefined, { code: aCode('c', { uses: 50 }) }))[0], ['join', 10, 30, undefined])
  t.same(shown(partOf(way, undefined, { code: undefined }))[0], ['join', 10, 30, undefined])
})

t.test('the ids follow from the timeline alone, and no two spans share one', async (t) => {
  t.same(partOf(way), partOf(structuredClone(way)))
  const twice = [...way.slice(0, 4), entry(22, 'progress', '[preflight] Running pre-flight checks'), ...way.slice(4)]
  const { spans } = partOf(twice)
  t.equal(new Set(spans.map((span) => span.id)).size, spans.length)
  for (const span of spans) t.match(span.id, /^[0-9a-f]{16}$/)
  const other = spansOf({ enrolment: anEnrolment('other'), code, timeline: way, end: way.at(-1) as TimelineEntry })
  t.match(other?.trace, /^[0-9a-f]{32}$/)
  t.notMatch(other?.trace, partOf(way).trace)
})

t.test('a failed join, and the next one, are parts of one trace', async (t) => {
  const failed = [
    ...way.slice(0, 4),
    entry(23, 'fail', 'the first time'),
    entry(24, 'claim'),
    entry(26, 'give-up', 'the disk is full')
  ]
  const all = [...failed, entry(100, 'retry'), entry(101, 'claim'), entry(110, 'become-ready')]
  const [one, two] = [partOf(all, failed.at(-1)), partOf(all)]
  t.same(one, partOf(failed), 'what comes later changes nothing of it')
  t.same(shown(one), [
    ['join', 0, 26, undefined],
    ['code', 0, 10, 'join'],
    ['approval', 10, 20, 'join'],
    ['claim', 20, 21, 'join'],
    ['claim', 23, 24, 'join'],
    ['attempt', 21, 23, 'join'],
    ['preflight', 22, 23, 'attempt'],
    ['attempt', 24, 26, 'join']
  ])
  t.equal(one.spans[0]?.failure, 'the disk is full')
  t.same(
    one.spans.filter(({ name }) => name === 'attempt').map(({ failure }) => failure),
    ['the first time', 'the disk is full']
  )
  t.equal(two.spans[0]?.parent, one.spans[0]?.id)
  t.same(
    shown(two).map(([name, start, end]) => [name, start, end]),
    [
      ['join', 100, 110],
      ['claim', 100, 101],
      ['attempt', 101, 110]
    ]
  )
  const served = partOf([...all, entry(115, 'node-condition'), entry(120, 'in-service')])
  t.same(shown(served), [['in service', 110, 120, undefined]])
  const back = partOf([
    ...all,
    entry(900, 'recover'),
    entry(910, 'approve'),
    entry(911, 'claim-recovery'),
    entry(920, 'become-ready')
  ])
  t.same(shown(back)[0], ['way back', 900, 920, undefined])
})

t.test('an end that the timeline no longer has is no part', async (t) => {
  t.equal(spansOf({ enrolment, code, timeline: [], end: entry(30, 'become-ready') }), undefined)
  t.equal(spansOf({ enrolment, code, timeline: way, end: entry(31, 'become-ready') }), undefined)
})

t.test('a machine that reports without end makes a bounded part, and hostile text is data in it', async (t) => {
  const hostile = '[\u001b[2J\u202e"}]}\u0000 '.repeat(1_000)
  const many = Array.from({ length: 5_000 }, (_, index) => entry(22 + index / 1_000, 'progress', `${hostile}${index}`))
  const part = partOf([
    ...way.slice(0, 3),
    ...many,
    ...Array.from({ length: 5_000 }, () => entry(28, hostile)),
    entry(30, 'give-up', hostile)
  ])
  t.ok(part.spans.length < 250, `${part.spans.length} spans`)
  const text = new TextDecoder().decode(otlpRequest([part]))
  t.ok(text.length < 512 * 1024, `${text.length} bytes`)
  t.notMatch(text, /[\p{C}]|\\u00/u)
  for (const { name } of part.spans) t.match(name, /^(join|code|approval|claim|attempt|stage)$/)
})

t.test('the request has the shapes of OTLP 1.0 in JSON', async (t) => {
  const { resourceSpans } = JSON.parse(new TextDecoder().decode(otlpRequest([partOf(way)])))
  t.match(resourceSpans, [
    {
      resource: {
        attributes: [{ key: 'service.name', value: { stringValue: 'joinery-server' } }, { key: 'service.version' }]
      }
    }
  ])
  const [{ scope, spans }] = resourceSpans[0].scopeSpans
  t.match(scope, { name: 'joinery' })
  for (const span of spans) {
    t.match(span, {
      traceId: /^[0-9a-f]{32}$/,
      spanId: /^[0-9a-f]{16}$/,
      // 64-bit numbers are texts in protobuf's JSON, and enums are numbers
      startTimeUnixNano: /^\d{19}$/,
      endTimeUnixNano: /^\d{19}$/,
      kind: 1,
      status: { code: 1 }
    })
    for (const { key, value } of span.attributes) {
      t.match(key, /^(joinery|k8s)\.[a-z.]+$/)
      t.match(Object.keys(value).join(), /^(stringValue|intValue|boolValue)$/)
    }
  }
  t.equal(spans[0].parentSpanId, undefined)
  t.equal(spans[1].parentSpanId, spans[0].spanId)
})
