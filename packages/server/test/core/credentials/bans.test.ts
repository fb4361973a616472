import { type State, states } from '@joinery/protocol'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { banReason } from '../../../src/core/credentials/ban-reason.ts'
import { Bans } from '../../../src/core/credentials/bans.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'
import { guardedOver } from '../../../src/testing/guarded.ts'

const name = 'worker-1'
const one = (state: State, id = 'a') => anEnrolment(id, { name, state, join: { attempts: [anAttempt('abc123')] } })

/** Bans over these enrolments of one name; `meanwhile`: what happens while a ban is being lifted. */
const over = (list: Map<string, string>, enrolments: EnrolmentDocument[], meanwhile?: EnrolmentDocument) => {
  let named = enrolments
  const calls: string[] = []
  const cluster = {
    ban: async (banned: string) => void calls.push(`ban ${banned}`),
    unban: async (banned: string) => {
      calls.push(`unban ${banned}`)
      if (meanwhile !== undefined) named = [meanwhile]
    },
    bans: async () => list
  }
  const store = {
    enrolment: async (id: string) => named.find((enrolment) => enrolment.id === id),
    enrolmentsByName: async () => named
  }
  const names = {
    namesNotedBanned: async () =>
      named.flatMap((enrolment) => (enrolment.certificates.nameBanned ? enrolment.name : [])),
    namesHeld: async () => named.flatMap(({ state }) => (state === 'joining' ? name : []))
  }
  const { banTurns: turns, giving, takingAway } = guardedOver(cluster)
  return { bans: new Bans({ store, names, cluster, turns }), calls, giving, takingAway }
}

t.test('a ban is lifted for an open attempt, and the list is touched for no other', async (t) => {
  for (const state of states) {
    const { bans, calls } = over(new Map(), [one(state)])
    const lift = bans.lift({ id: 'a', name })
    if (state === 'joining') await t.resolves(lift, state)
    else await t.rejects(lift, { code: 'illegal-event' }, state)
    t.same(calls, state === 'joining' ? [`unban ${name}`] : [], state)
  }
  await t.rejects(over(new Map(), []).bans.lift({ id: 'a', name }), { code: 'illegal-event' }, 'of who is not there')
})

t.test('a ban that is lifted for an enrolment that ends meanwhile is set again, with an error', async (t) => {
  const { bans, calls } = over(new Map(), [one('joining')], one('removed'))
  await t.rejects(bans.lift({ id: 'a', name }), { code: 'illegal-event' })
  t.same(calls, [`unban ${name}`, `ban ${name}`])
})

const former = banReason('a', 'it is removed')
const sweeps: [what: string, list: [string, string][], named: EnrolmentDocument[], calls: string[]][] = [
  [
    'a ban that is missing',
    [],
    [{ ...one('removed'), certificates: { ...one('removed').certificates, nameBanned: true } }],
    [`ban ${name}`]
  ],
  [
    'a ban that is there',
    [[name, former]],
    [{ ...one('removed'), certificates: { ...one('removed').certificates, nameBanned: true } }],
    []
  ],
  ['a ban of before the claim', [[name, former]], [one('removed'), one('joining', 'b')], [`unban ${name}`]],
  ['a ban that somebody made by hand', [[name, 'a rogue']], [one('removed'), one('joining', 'b')], []],
  ['a ban for one that the store does not know', [[name, former]], [one('joining', 'b')], []],
  ['nothing', [], [one('joining')], []]
]
for (const [what, list, named, made] of sweeps) {
  t.test(`the ban list follows the store both ways: ${what}`, async (t) => {
    const { bans, calls } = over(new Map(list), named)
    await bans.follow()
    t.same(calls, made)
  })
}

t.test('acts on one name are done in turn', async (t) => {
  const { bans, calls, giving, takingAway } = over(new Map(), [
    { ...one('removed'), certificates: { ...one('removed').certificates, nameBanned: true } }
  ])
  await Promise.all([takingAway.ban(name, 'x'), giving.unban(name), bans.ban(name)])
  t.same(calls, [`ban ${name}`, `unban ${name}`, `ban ${name}`])
})
