import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type State, states } from '@joinery/protocol'
import { type SeenObject, viewKinds } from '@joinery/server/testing/kubernetes-door'
import { WritableStore } from '@joinery/server/testing/store'
import { eventually } from '@joinery/testing/clocks/eventually'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import { buildKstatus, type Judged, type Verdict } from '@joinery/testing/judges/kstatus'
import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { enrolled } from '@joinery/testing/pairing/steps'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'

t.setTimeout(240_000)

const skip = needs('go')
const place = await mkdtemp(join(tmpdir(), 'joinery-kstatus-'))
t.teardown(() => rm(place, { recursive: true }))
const judge = skip === false ? await buildKstatus(place) : async () => []

/** Verdicts that Flux and others give on machines in this state. */
const expected: Record<State, Verdict['status']> = {
  pending: 'InProgress',
  approved: 'InProgress',
  joining: 'InProgress',
  joined: 'InProgress',
  ready: 'Current',
  recovering: 'InProgress',
  frozen: 'Failed',
  failed: 'Failed',
  expired: 'Failed',
  rejected: 'Failed',
  removed: 'Failed'
}

/** A server that has a machine in each state, as its documents say, and writes their views. */
const withAllStates = async (t: Test) => {
  let store: WritableStore | undefined
  const pairing = await openPairing(t, {}, undefined, (container) => {
    store = container.resolve(WritableStore)
  })
  const node = { condition: 'Ready', ready: '2026-01-01T00:02:00.000Z' } as const
  const machines = states.map((state) => {
    const id = randomUUID()
    const key = `sha256:${id.replaceAll('-', '').repeat(2)}`
    return anEnrolment(id, { key, name: state, state, node, reason: 'the reason', settled: true })
  })
  await store?.commit({ enrolments: machines })
  const { views } = pairing.cluster
  await eventually('all are shown', () => {
    const shown = viewKinds.flatMap((kind) => [...views.statuses(kind).values()])
    return shown.length === states.length + 1 && shown.every((status) => status !== undefined)
  })
  return { pairing, machines }
}

t.test(
  'O3: kstatus waits for a machine that waits, and knows one that is Ready from one that needs a person',
  { skip },
  async (t) => {
    const { pairing, machines } = await withAllStates(t)
    const { views } = pairing.cluster
    const objects: Judged[] = []
    for (const { id, name } of machines) {
      const { generation } = await eventually(`${name} is shown`, () => views.read('enrolments', id))
      objects.push({ kind: 'Enrolment', metadata: { name, generation }, status: views.statuses('enrolments').get(id) })
    }
    const verdicts = await judge(objects)
    for (const [index, { metadata }] of objects.entries())
      t.match(verdicts[index], { status: expected[metadata.name as State] }, metadata.name)
    t.match(verdicts[states.indexOf('frozen')], { message: 'frozen: the reason' }, 'Flux shows why')
    const [stale, unready] = await judge([
      { ...(objects[states.indexOf('ready')] as Judged), metadata: { name: 'ready', generation: 2 } },
      {
        kind: 'Installation',
        metadata: { name: 'joinery', generation: 1 },
        status: views.statuses('installations').get('joinery')
      }
    ])
    t.match(stale, { status: 'InProgress' }, 'what was written for another generation does not count')
    t.match(unready, { status: 'Current' })
  }
)

t.test(
  'O3: kstatus calls a Decision or a Code that was refused failed, and any other one current',
  { skip },
  async (t) => {
    const pairing = await openDoorPairing(t)
    await enrolled(pairing)
    const refused = await pairing.decide('worker-1', 'approve', { revision: 99 })
    await pairing.settled(refused)
    const applied = await pairing.decide('worker-1', 'approve')
    await pairing.settled(applied)
    const { object: code } = await pairing.invite()
    await pairing.codeIs(code, 'open')
    const late = await pairing.invite({ expires: '2020-01-01T00:00:00Z' })
    await pairing.codeIs(late.object, 'expired')
    const of = async (kind: 'Decision' | 'Code', { name }: Pick<SeenObject, 'name'>): Promise<Judged> => {
      const { generation = 0, status } = (await (kind === 'Code' ? pairing.codes : pairing.decisions).read(name)) ?? {}
      return { kind, metadata: { name, generation }, status }
    }
    const objects = [
      await of('Decision', refused),
      await of('Decision', applied),
      await of('Code', code),
      await of('Code', late.object)
    ]
    t.match(await judge(objects), [
      { status: 'Failed', message: /revision/ },
      { status: 'Current' },
      { status: 'Current' },
      { status: 'Failed' }
    ])
  }
)
