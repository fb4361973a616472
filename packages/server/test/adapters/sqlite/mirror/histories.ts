import { hasEnded, isLive, type State, states } from '@joinery/protocol'
import { aCode } from '@joinery/testing/documents/code'
import { anAttempt, anEnrolment } from '@joinery/testing/documents/enrolment'
import { anOutsider } from '@joinery/testing/documents/outsider'
import { emptyTree } from '@joinery/tlog'
import type { Change } from '../../../../src/core/ports/store/change.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'
import type { WritableStore } from '../../../../src/core/ports/store/store.ts'
import type { SubjectEntry } from '../../../../src/core/ports/store/timeline.ts'

/** Chooses a whole number below this one. */
type Pick = (below: number) => number

const times = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-20T00:00:00.000Z']
const at = (pick: Pick): string => times[pick(times.length)] ?? ''

/** Now and then the document is one that was read before the last change. */
const revisionOf = (document: { revision: number } | undefined, pick: Pick): number =>
  Math.max(0, (document?.revision ?? 0) - (pick(12) === 0 ? 1 : 0))

const subjectsOf = [
  'code-0',
  'code-1',
  'enrolment-0',
  'enrolment-1',
  'enrolment-2',
  'node/Worker_1',
  'cluster',
  'store'
]

const entryOf = (pick: Pick, subject: string): SubjectEntry => ({
  subject,
  entry: {
    at: at(pick),
    actor: ['agent', 'server', 'cluster', 'operator'][pick(4)] ?? '',
    event: ['flap', 'other'][pick(2)] ?? '',
    detail: `detail ${pick(1000)} "quoted" é`,
    alert: pick(8) === 0,
    ...(pick(4) === 0 && { count: 2, last: at(pick) })
  }
})

const enrolmentOf = async (store: WritableStore, pick: Pick): Promise<EnrolmentDocument> => {
  const id = `enrolment-${pick(12)}`
  const before = await store.enrolment(id)
  const state = states[pick(states.length)] as State
  const attempts = [...(before?.join.attempts ?? []), ...(pick(20) === 0 ? [anAttempt(`tok${pick(1000)}`)] : [])]
  const settled = hasEnded({ state }) && pick(6) > 0
  return anEnrolment(id, {
    revision: revisionOf(before, pick),
    state,
    since: at(pick),
    name: `worker-${pick(4)}`,
    key: isLive({ state }) || pick(2) === 0 ? `key of ${id}` : 'key of many',
    join: { attempts: attempts.map((attempt, index) => ({ ...attempt, number: index + 1 })) },
    role: pick(5) === 0 ? 'control-plane' : 'worker',
    ...(settled && { settled }),
    ...(pick(8) === 0 && { certificates: { nameBanned: true } }),
    ...(pick(20) === 0 && { withoutAgent: true, key: '' })
  })
}

/** A part of a change, as somebody could ask for it. It does not compile until each part of a change has one. */
const makers: { [Part in keyof Change]-?: (store: WritableStore, pick: Pick) => Promise<Change[Part]> } = {
  codes: async (store, pick) => {
    const id = `code-${pick(4)}`
    const before = await store.code(id)
    return [aCode(id, { revision: revisionOf(before, pick), ...(pick(2) === 0 && { enrolment: 'enrolment-0' }) })]
  },
  enrolments: async (store, pick) => {
    const first = await enrolmentOf(store, pick)
    const second = await enrolmentOf(store, pick)
    return pick(2) === 0 || first.id === second.id ? [first] : [first, second]
  },
  outsiders: async (store, pick) => {
    const name = `cp-${pick(3)}`
    const before = (await store.outsiders()).find((one) => one.name === name)
    return [anOutsider(name, { revision: revisionOf(before, pick), requesters: [`user ${pick(9)}`] })]
  },
  forgotten: async (store) => (await store.outsiders()).slice(0, 1),
  gone: async (store, pick) => ({
    enrolments: (await store.enrolments()).slice(-1),
    codes: pick(2) === 0 ? (await store.codes()).slice(0, 1) : []
  }),
  untold: async (_, pick) => [subjectsOf[pick(subjectsOf.length)] ?? ''],
  entries: async (_, pick) => {
    const subject = subjectsOf[pick(subjectsOf.length)] ?? ''
    // now and then as many as push others out
    const many = pick(50) === 0 ? 510 : 1 + pick(3)
    return Array.from({ length: many }, () => entryOf(pick, subject))
  },
  unclaimed: async (_, pick) => [`worker-${pick(40)}`],
  alone: async (_, pick) => new Date(at(pick)),
  joinsAtMost: async (_, pick) => ({ at: new Date(at(pick)), machines: 1 + pick(5) }),
  decided: async (_, pick) => ({
    uid: `${pick(16).toString(16)}${pick(3)}-${pick(40)}`,
    result: 'applied',
    message: '',
    at: at(pick)
  }),
  settlesRestore: async () => true,
  queue: async (store, pick) => {
    const name = `hook-${pick(2)}`
    const receiver = (await store.notices.receivers()).find((one) => one.name === name)
    const waiting = await store.notices.allWaiting(name)
    return {
      ...(pick(2) === 0 && { receivers: [{ name, revision: revisionOf(receiver, pick), place: pick(100) }] }),
      ...(pick(2) === 0 && {
        notices: [
          {
            receiver: name,
            id: `n${pick(20)}`,
            revision: 0,
            kind: 'node',
            body: '{}',
            since: at(pick),
            due: at(pick),
            tries: 0,
            ...(pick(3) === 0 && { count: 2 }),
            ...(pick(3) === 0 && { dead: at(pick) })
          }
        ]
      }),
      ...(pick(2) === 0 && { sent: waiting.slice(-1) }),
      ...(pick(10) === 0 && { forgotten: [name] })
    }
  },
  leaves: async (_, pick) => Array.from({ length: 1 + pick(3) }, () => `{"leaf":${pick(1000)}}`),
  audit: async (store, pick) => {
    const waiting = await store.audit.waiting(100)
    const log = (await store.audit.log()) ?? { revision: 0, name: '2026', origin: 'joinery.dev/c/s', tree: emptyTree }
    const through = waiting[pick(waiting.length + 1)]?.sequence
    return { log, ...(through !== undefined && { through }) }
  },
  tried: async (_, pick) => (pick(4) === 0 ? true : undefined),
  generation: async (store, pick) => (await store.generation()).number + pick(3)
}

const common: (keyof Change)[] = ['codes', 'enrolments', 'entries']
const conditions: (keyof Change)[] = ['unclaimed', 'alone', 'joinsAtMost', 'tried']
const others = (Object.keys(makers) as (keyof Change)[]).filter(
  (part) => !common.includes(part) && !conditions.includes(part)
)

/** Parts of one change: some of those that most changes have, and others. */
const someParts = (pick: Pick): Set<keyof Change> =>
  new Set([
    ...common.filter(() => pick(2) === 0),
    ...(pick(2) === 0 ? [others[pick(others.length)] as keyof Change] : []),
    ...(pick(6) === 0 ? [conditions[pick(conditions.length)] as keyof Change] : [])
  ])

/** Numbers that are the same for the same seed. */
export const picks = (seed: number): Pick => {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Asks for changes, one or some at a time, as the seed has it. Returns how many were committed. */
export const carryOut = async (store: WritableStore, seed: number, changes: number): Promise<number> => {
  const pick = picks(seed)
  let committed = 0
  for (let done = 0; done < changes; ) {
    const together: Change[] = []
    for (let left = 1 + (pick(3) === 0 ? pick(4) : 0); left > 0; left -= 1) {
      const change: Change = {}
      for (const part of someParts(pick)) Object.assign(change, { [part]: await makers[part](store, pick) })
      if (change.tried === undefined) delete change.tried
      together.push(change)
    }
    done += together.length
    const results = await Promise.all(together.map((change) => store.commit(change)))
    committed += results.filter((result, index) => result === 'committed' && !together[index]?.tried).length
  }
  return committed
}
