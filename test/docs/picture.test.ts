import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { states, transitions } from '@joinery/protocol'
import t from 'tap'
import { enrolmentPicture } from '../../docs/picture/enrolment-picture.ts'
import { questions } from '../../docs/picture/questions.ts'
import { roomsOf } from '../../docs/picture/rooms-of.ts'
import { roomsPicture } from '../../docs/picture/rooms-picture.ts'
import { statesPage } from '../../docs/picture/states-page.ts'
import { type OtlpExport, tracePicture } from '../../docs/picture/trace-picture.ts'
import { sources } from '../layout/sources.ts'

const docs = join(import.meta.dirname, '../../docs')

t.test('the picture in the docs is drawn from the present enrolment table', async (t) => {
  const drawn = readFileSync(join(docs, 'enrolment.svg'), 'utf8')
  t.equal(drawn, enrolmentPicture(), 'else run: node_modules/.bin/node docs/picture/main.ts')
  for (const state of states) {
    t.match(drawn, `>${state}</text>`, state)
    for (const [event, to] of Object.entries(transitions[state]))
      if (to !== state) t.match(drawn, `>${event}</tspan>`, event)
  }
})

t.test('the page of states and its times are written from the present enrolment table', async (t) => {
  const page = readFileSync(join(docs, 'reference/states.md'), 'utf8')
  t.equal(page, statesPage(), 'else run: node_modules/.bin/node docs/picture/main.ts')
  t.match(page, /\| `clock` \| 7 d \| 1 d \| 10 or 30 min \| {2}\| {2}\| 7 d \| 7 d \| {2}\| {2}\| {2}\| {2}\|/)
  t.match(page, /\| `holdsName` \| {2}\| ● \| ● \| ● \| ● \| ● \| {2}\| {2}\| {2}\| {2}\| {2}\|/)
})

t.test('the picture shows what each state means, and its time', async (t) => {
  const drawn = readFileSync(join(docs, 'enrolment.svg'), 'utf8')
  for (const words of Object.values(questions)) t.match(drawn, `>${words}</text>`, words)
  for (const time of ['7 d', '1 d', '10 or 30 min']) t.match(drawn, `>${time}</text>`, time)
})

t.test('the picture of a trace is drawn from the file of spans beside it, with a bar for each span', async (t) => {
  const file = readFileSync(join(docs, 'picture/join-trace.json'), 'utf8')
  const drawn = readFileSync(join(docs, 'join-trace.svg'), 'utf8')
  t.equal(drawn, tracePicture(JSON.parse(file)), 'else run: node_modules/.bin/node docs/picture/main.ts')
  for (const name of ['join', 'code', 'approval', 'claim', 'attempt', 'preflight', 'node'])
    t.match(drawn, `>${name}</text>`, name)
})

/** Spans with these times in seconds. */
const traceOf = (
  ...spans: [name: string, start: number, end: number, parent?: string, failed?: true][]
): OtlpExport => ({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: spans.map(([name, start, end, parent, failed]) => ({
            spanId: name,
            ...(parent !== undefined && { parentSpanId: parent }),
            name,
            startTimeUnixNano: `${1_700_000_000 + start}000000000`,
            endTimeUnixNano: `${1_700_000_000 + end}000000000`,
            status: { code: failed ? 2 : 1 }
          }))
        }
      ]
    }
  ]
})
const barsOf = (svg: string) =>
  [...svg.matchAll(/<rect class="(\w+)" x="(\d+)" y="\d+" width="(\d+)"/g)].map(([, kind, x, length]) => ({
    kind,
    from: Number(x),
    until: Number(x) + Number(length)
  }))

t.test('a wait of hours for a person leaves room for a join of seconds', async (t) => {
  const svg = tracePicture(
    traceOf(
      ['join', 0, 7240],
      ['approval', 0, 7200, 'join'],
      ['attempt', 7200, 7240, 'join'],
      ['kubelet-start', 7220, 7240, 'attempt', true]
    )
  )
  t.match(barsOf(svg), [
    { kind: 'whole', from: 200, until: 850 },
    { kind: 'person', from: 200, until: 290 },
    { kind: 'attempt', from: 290, until: 850 },
    { kind: 'failed', from: 570, until: 850 }
  ])
  t.match(svg, '>Time since the approval</text>')
  for (const time of ['2 h', '40 s', '20 s', '10 s']) t.match(svg, `>${time}</text>`, time)
})

t.test('short waits keep their length, and names of a stranger are text', async (t) => {
  const svg = tracePicture(traceOf(['join', 0, 100], ['approval', 0, 8, 'join'], ['<b>&"', 50, 100, 'join']))
  t.match(barsOf(svg), [{ until: 850 }, { from: 200, until: 252 }, { from: 525, until: 850 }])
  t.match(tracePicture(traceOf(['join', 0, 100])), '>Time since the beginning</text>')
  t.match(svg, '>&lt;b&gt;&amp;&quot;</text>')
  t.throws(() => tracePicture(traceOf(['lost', 0, 1, 'nobody'])), /no trace/)
})

t.test('the picture of the rooms of the server is drawn from the present folders', async (t) => {
  const drawn = readFileSync(join(docs, 'contributing/rooms.svg'), 'utf8')
  const present = roomsPicture(roomsOf(sources))
  const stale = 'else run: node_modules/.bin/node docs/picture/main.ts'
  t.equal(drawn.replaceAll(sizes, ''), present.replaceAll(sizes, ''), stale)
  // a room at the edge between two sizes must not draw the picture anew with each line
  const before = sizesIn(drawn)
  t.ok(
    sizesIn(present).every((size, at) => Math.abs(size - (before[at] ?? Number.NaN)) <= 500),
    stale
  )
})

const sizes = /(?:some|below) (\d+) lines/g
const sizesIn = (svg: string): number[] => [...svg.matchAll(sizes)].map(([, size]) => Number(size))
