import type { ClusterFacts, Reach, Reachability, Role, State } from '@joinery/protocol'
import { QuickClock } from '@joinery/testing/clocks/quick-clock'
import t from 'tap'
import type { Door } from '../../src/pairing/door.ts'
import { type PairingServer, Refused, Unreachable } from '../../src/pairing/pairing-server.ts'
import { skewOf, survey, surveyLasts } from '../../src/plan/survey.ts'

const minute = 60_000
const facts: ClusterFacts = {
  version: 'v1.37.2',
  podSubnets: [],
  serviceSubnets: [],
  controlPlanes: [],
  time: '2026-01-01T00:00:00.000Z'
}
const cluster = { ...facts, skew: 0 }
const reached = (...reaches: Reach[]): Reachability => ({
  address: '192.0.2.1',
  ports: reaches.map((reach) => ({ port: 10250, reach }))
})

const lasting: [what: string, Parameters<typeof surveyLasts>[0], minutes: number][] = [
  ['whose port is open', { cluster, reachability: reached('open') }, 10],
  ['behind NAT', { cluster, reachability: reached('behind-nat') }, 10],
  ['whose port is refused', { cluster, reachability: reached('refused') }, 1],
  ['one of whose ports gives no answer', { cluster, reachability: reached('open', 'no-answer') }, 1],
  ['whose clock is an hour behind', { cluster: { ...cluster, skew: -3_600_000 }, reachability: reached('open') }, 1],
  ['that could not be dialled', { cluster }, 1],
  ['of an unknown cluster', { reachability: reached('open') }, 1],
  ['that nothing is known of', {}, 1]
]
for (const [what, value, minutes] of lasting) {
  t.test(`a survey of a machine ${what} is good for ${minutes} min`, async (t) => {
    t.equal(surveyLasts(value), minutes * minute)
  })
}

const skews: [sent: number, elapsed: number, time: number, skew: number][] = [
  [1000, 0, 1000, 0],
  [1000, 200, 1100, 0],
  [1000, 200, 1000, 100],
  [1000, 201, 4000, -2899],
  [3_601_000, 20, 1010, 3_600_000]
]
for (const [sent, elapsed, time, skew] of skews) {
  t.test(`asked at ${sent}, answered after ${elapsed} ms with ${time}, the clock is ${skew} ms ahead`, async (t) => {
    t.equal(skewOf(sent, elapsed, new Date(time).toISOString()), skew)
  })
}

/** Each answer is a value or an error. */
const asked = async (
  answers: { cluster?: ClusterFacts | Error; reachability?: Reachability | Error },
  { state = 'pending', role = 'worker', taken = false }: { state?: State; role?: Role; taken?: boolean } = {}
) => {
  const events: string[] = []
  const opened: number[] = []
  const give = async <T>(name: string, answer: T | Error | undefined): Promise<T> => {
    events.push(name)
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error(`nobody expects ${name}`)
    return answer
  }
  const server = {
    cluster: () => give('cluster', answers.cluster),
    reachability: () => give('reachability', answers.reachability)
  } as unknown as PairingServer
  const door: Door = {
    open: async (ports) => {
      opened.push(...ports)
      events.push('open')
      return taken ? undefined : async () => void events.push('close')
    }
  }
  const clock = Object.assign(new QuickClock(), { now: () => Date.parse(facts.time) + 5000 })
  return {
    events,
    opened,
    value: await survey({ server, door, clock }, { state, role }).catch((error: Error) => error)
  }
}

t.test('the survey asks for the cluster, and opens the door while the server dials', async (t) => {
  const { events, value } = await asked({ cluster: facts, reachability: reached('open') })
  t.same(events, ['cluster', 'open', 'reachability', 'close'])
  t.same(value, { cluster: { ...facts, skew: 5000 }, reachability: reached('open') })
})

t.test('a survey leaves out both calls that an older server does not know', async (t) => {
  const unknown = new Refused('not-found', 'there is no such path')
  const { events, value } = await asked({ cluster: unknown, reachability: unknown })
  t.same(value, {})
  t.equal(events.at(-1), 'close', 'and nothing stays open')
})

t.test('a survey leaves out the part of a cluster that does not answer', async (t) => {
  const away = new Refused('cluster-unavailable', 'connection refused')
  t.same((await asked({ cluster: away, reachability: reached('refused') })).value, { reachability: reached('refused') })
})

t.test('a server that is too busy to look gives no survey', async (t) => {
  const busy = new Refused('too-many-requests', 'busy', { retryAfter: 5000 })
  const { events, value } = await asked({ cluster: facts, reachability: busy })
  t.equal(value, busy)
  t.equal(events.at(-1), 'close', 'and nothing stays open')
  t.equal((await asked({ cluster: busy, reachability: reached('open') })).value, busy)
})

t.test('the agent does not ask for a dial-back if somebody else has the port', async (t) => {
  const { events, value } = await asked({ cluster: facts }, { taken: true })
  t.same(events, ['cluster', 'open'])
  t.match(value, { reachability: undefined })
})

t.test('the agent does not ask for a dial-back from the claim on, nor while frozen or failed', async (t) => {
  for (const state of ['joining', 'frozen', 'failed'] as const) {
    t.same((await asked({ cluster: facts }, { state })).events, ['cluster'], state)
  }
})

t.test('the agent waits for a server that does not answer, with the door closed', async (t) => {
  const gone = new Unreachable('it closed the connection')
  t.equal((await asked({ cluster: gone })).value, gone)
  const { events, value } = await asked({ cluster: facts, reachability: gone })
  t.equal(value, gone)
  t.equal(events.at(-1), 'close')
})

t.test('the door has the ports that others use in the role of the machine', async (t) => {
  const ports = async (role: Role, etcd?: 'stacked' | 'external') =>
    (await asked({ cluster: { ...facts, ...(etcd && { etcd }) }, reachability: reached('open') }, { role })).opened
  t.same(await ports('worker', 'stacked'), [10250])
  t.same(await ports('control-plane', 'stacked'), [10250, 6443, 2379, 2380])
  t.same(await ports('control-plane'), [10250, 6443, 2379, 2380], 'also where an older server does not say')
  t.same(await ports('control-plane', 'external'), [10250, 6443])
})
