import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readLeaf } from '@joinery/protocol'
import { eventually, inTime } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { openReceiver, type Received } from '@joinery/testing/pairing/receiver'
import { scrape } from '@joinery/testing/pairing/scrape'
import t from 'tap'

const ever = new AbortController().signal
/** In seconds: who is not woken waits as long. */
const long = 40
const early = { patience: (long / 2) * 1000 }

t.test('each follower hears of one commit once', async (t) => {
  const [receiver, collector] = [await openReceiver(t), await openReceiver(t)]
  const secretFile = join(t.testdir({}), 'secret')
  await writeFile(secretFile, `whsec_${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
  const pairing = await openPairing(t, {
    webhooks: [{ name: 'relay', url: receiver.url, secretFile, events: ['frozen'] }],
    tracing: { endpoint: collector.url }
  })
  const { cluster, operator } = pairing
  const { code } = await pairing.code('worker-1')
  const machine = await pairing.machine()
  await machine.enrol(code)
  const { id } = await operator.show('worker-1')
  const stateShown = () => (cluster.views.statuses('enrolments').get(id) as { state?: string } | undefined)?.state

  const following = await operator.follow()
  const followed: string[] = []
  const over = (async () => {
    for (;;) followed.push(...(await following.next()).changed.map(({ state }) => state))
  })().catch(() => {})
  t.teardown(async () => {
    following.close()
    await over
  })

  /** Numbers of what was told so far. */
  const told = async () => {
    const text = await scrape(pairing)
    const count = (series: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1]
      )
    return {
      leaves: (await operator.listAudit({})).items.map((leaf) => readLeaf(leaf.text)?.event),
      views: cluster.views.writes(),
      events: [...followed],
      lines: pairing.log.split('\n').filter((line) => line.includes(`"enrolment":"${id}"`)).length,
      notices: receiver.received.map(typeOf),
      traces: collector.received.map(rootsIn),
      conflicts: count('joinery_alerts_total{event="conflict"}'),
      rejections: count('joinery_operator_decisions_total{verb="reject"}')
    }
  }
  /** What one commit tells that brings the enrolment into this state. */
  const toldBy = async (state: string, act: () => Promise<unknown>) => {
    const { revision } = await operator.show('worker-1')
    const before = await told()
    const waits = machine.server.wait(revision, long, ever)
    // an answer to what was sent later: by then it waits
    await machine.server.wait(0, 0, ever)
    await act()
    t.match(await inTime('the agent is woken', waits, early), { state })
    await eventually('it is shown as it is', async () => stateShown() === state && followed.at(-1) === state)
    const more = (await told()).leaves.length - before.leaves.length
    t.equal(more, 1, 'a leaf')
    return before
  }

  await eventually('it is shown', async () => stateShown() === 'pending' && followed.at(-1) === 'pending')
  await pairing.look()
  const thief = await pairing.machine()
  const first = await toldBy('frozen', () => t.rejects(thief.enrol(code), { code: 'code-not-accepted' }))
  await receiver.until('a notice', () => true)
  const second = await toldBy('rejected', () => operator.reject('worker-1', { reason: 'not ours' }))
  await collector.until('a trace', () => true)
  const last = await told()

  t.same(last.leaves.slice(first.leaves.length), ['conflict', 'reject'], 'leaves')
  t.same(last.events.slice(first.events.length), ['frozen', 'rejected'], 'events')
  t.same([second.views - first.views, last.views - second.views], [1, 1], 'views')
  t.same([second.lines - first.lines, last.lines - second.lines], [1, 1], 'lines of the log')
  t.same([first.conflicts, second.conflicts, last.conflicts], [0, 1, 1], 'alerts that are counted')
  t.same([first.rejections, second.rejections, last.rejections], [0, 0, 1], 'decisions that are counted')
  t.same(last.notices, ['enrolment.frozen'], 'notices')
  t.same([second.traces, last.traces], [[], [1]], 'traces, each with one root')
})

const typeOf = ({ text }: Received): string => JSON.parse(text).type

const rootsIn = ({ text }: Received): number =>
  JSON.parse(text).resourceSpans[0].scopeSpans[0].spans.filter((span: object) => !('parentSpanId' in span)).length
