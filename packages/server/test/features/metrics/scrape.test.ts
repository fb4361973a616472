import t from 'tap'
import { makeLog } from '../../../src/core/base/log.ts'
import type { StoreSizes } from '../../../src/core/ports/store/counts.ts'
import { Meter } from '../../../src/features/metrics/meter.ts'
import { Scrape } from '../../../src/features/metrics/scrape.ts'

const sizes: StoreSizes = {
  states: { ready: 2 },
  rows: { codes: 1, enrolments: 2, timeline: 3, outsiders: 0, decisions: 0 },
  bytes: { database: 4096, wal: 0 },
  alerts: { conflict: { count: 1, last: new Date(60_000) }, 'of a newer server': { count: 2, last: new Date(90_000) } }
}

/** A scrape of a store that may fail, with the lines that are logged. */
const open = () => {
  let now = 0
  let reads = 0
  let isBroken = false
  const lines: string[] = []
  const scrape = new Scrape({
    meter: new Meter(),
    followed: {
      read: async () => {},
      causes: new Map([['disk-full', 1]]),
      tokens: () => ({ open: 0, leftover: 0, overdue: 0 })
    },
    counts: {
      sizes: async () => {
        reads += 1
        if (isBroken) throw new Error('it is damaged')
        return sizes
      }
    },
    clock: { now: () => new Date(0) },
    monotonic: () => now,
    log: makeLog({ write: (line) => void lines.push(line) }),
    nodes: () => undefined,
    refusals: { totals: { 'not-found': 4 } },
    unknownFields: { totals: [['claim', 3]] },
    waiting: { size: 5 },
    joins: { counts: async () => ({ now: 3, atMost: 4, joinsAtOnce: 8, waiting: 9 }) },
    connections: () => ({ known: 6, strangers: 7 }),
    receivers: async () => {
      if (isBroken) throw new Error('it is damaged')
      return [
        { name: 'a', waiting: 2, sent: 8, dead: 1, lost: 0 },
        { name: 'b', waiting: 1, sent: 0, dead: 0, lost: 3, failing: { since: '', times: 1, reason: '' } },
        { name: 'c', waiting: 0, sent: 1, dead: 4, lost: 0, gone: '' }
      ]
    },
    servers: { list: () => [] },
    shared: undefined
  })
  return {
    lines,
    reads: () => reads,
    breakStore: (broken = true) => {
      isBroken = broken
    },
    has: async (...wanted: string[]) => {
      const { text } = await scrape.answer()
      return wanted.filter((line) => !text.split('\n').some((one) => one.startsWith(line)))
    },
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    stop: () => scrape.stop()
  }
}

t.test('a scrape has what is, and whoever asks within a second gets the same', async (t) => {
  const { has, pass, reads, stop } = open()
  t.teardown(stop)
  const wanted = [
    'joinery_enrolments{state="ready"} 2',
    'joinery_enrolments{state="failed"} 0',
    'joinery_recent_alerts{event="conflict"} 1',
    'joinery_recent_alerts{event="other"} 2',
    'joinery_last_alert_timestamp_seconds{event="conflict"} 60',
    'joinery_last_alert_timestamp_seconds{event="other"} 90',
    'joinery_last_alert_timestamp_seconds{event="quota"} 0',
    'joinery_nodes_not_ready{cause="disk-full"} 1',
    'joinery_refusals_total{problem="not-found"} 4',
    'joinery_unknown_fields_total{call="claim"} 3',
    'joinery_polls 5',
    'joinery_joins{state="waiting"} 9',
    'joinery_joins_at_once{bound="now"} 4',
    'joinery_connections{peer="stranger"} 7',
    'joinery_notices{state="waiting"} 3',
    'joinery_notices{state="dead"} 5',
    'joinery_notices_sent_total 9',
    ...['well', 'failing', 'gone'].map((state) => `joinery_notice_receivers{state="${state}"} 1`)
  ]
  t.same(await has(...wanted), [])
  t.same(await has('joinery_nodes{'), ['joinery_nodes{'], 'the Nodes are not known before the first pass')
  await Promise.all([has(), has()])
  pass(999)
  await has()
  t.equal(reads(), 1)
  pass(2)
  await has()
  t.equal(reads(), 2)
})

t.test('a store that cannot be read hides nothing else, and is told of once', async (t) => {
  const { has, pass, lines, breakStore, stop } = open()
  t.teardown(stop)
  await has()
  breakStore()
  for (const times of [1, 2, 3]) {
    pass(1_001)
    t.same(await has('joinery_enrolments{', 'joinery_store_rows{', 'joinery_recent_alerts{'), [
      'joinery_enrolments{',
      'joinery_store_rows{',
      'joinery_recent_alerts{'
    ])
    t.same(await has(`joinery_metrics_failures_total{part="store"} ${times}`, 'joinery_polls 5'), [])
  }
  t.equal(lines.length, 2, 'the notices are in the store, too')
  breakStore(false)
  pass(1_001)
  t.same(await has('joinery_enrolments{state="ready"} 2'), [])
})
