import t from 'tap'
import type { Holder, SeenEnrolment } from '../../src/contract.ts'
import { judge, type Question, replaceOf, type Said } from '../../src/ui/model/asked.ts'
import { aRow, keyB } from './a-row.ts'

const nothing: Said = { reason: '', typed: '', keep: undefined, controlPlanes: false }
const [a, b, cp] = [aRow('a'), aRow('b'), aRow('c', { role: 'control-plane', name: 'cp-2' })]
const ask = (more: Partial<Omit<Question, 'said'>> & { said?: Partial<Said> }) =>
  judge({ verb: 'approve', seen: [a], now: new Map(), done: new Set(), ...more, said: { ...nothing, ...more.said } })
const now = (...rows: SeenEnrolment[]) => new Map(rows.map((row) => [row.id, row]))

const joining = aRow('j', { state: 'joining', name: 'node-1' })
const ready = aRow('r', { state: 'ready', name: 'node-2' })
const recovering = aRow('w', { state: 'recovering' })

const waits = aRow('n', { name: 'node-3', nameConflict: 'enrolment o (ready)' })
const node: Holder['node'] = { uid: 'u1', created: '', condition: 'Ready', message: '', labels: {}, taints: [] }
const held: Holder = { node, pods: [], evicted: [] }
const pod = { namespace: 'default', name: 'web-1', controller: 'ReplicaSet' }
const replaces = (holder: Holder | undefined, typed = 'node-3') =>
  ({ verb: 'replace', seen: [waits], said: { holder, typed } }) as const

const rows: [what: string, question: Parameters<typeof ask>[0], blocked: string | undefined][] = [
  ['a worker', {}, undefined],
  ['one that is as it was', { now: now(aRow('a', { message: 'other' })) }, undefined],
  ['one that changed', { now: now(aRow('a', { revision: 4 })) }, 'look at what has changed first'],
  ['one with another key', { now: now(aRow('a', { key: keyB })) }, 'look at what has changed first'],
  ['one that is done', { done: new Set(['a']) }, 'all is done'],
  ['a control plane', { seen: [cp] }, 'confirm the control plane first'],
  ['a control plane that was agreed to', { seen: [cp], said: { controlPlanes: true } }, undefined],
  ['a retry of a control plane', { verb: 'retry', seen: [cp] }, 'confirm the control plane first'],
  ['to reject a control plane', { verb: 'reject', seen: [cp], said: { reason: 'no' } }, undefined],
  ['to reject without a reason', { verb: 'reject', said: { reason: '  ' } }, 'give a reason'],
  ['to reject what joins', { verb: 'reject', seen: [joining], said: { reason: 'no' } }, 'type node-1'],
  [
    'to reject what joins, typed',
    { verb: 'reject', seen: [joining], said: { reason: 'no', typed: 'node-1' } },
    undefined
  ],
  ['to refuse a way back', { verb: 'reject', seen: [recovering], said: { reason: 'no' } }, undefined],
  ['to release without a key', { verb: 'release' }, 'choose the key that is right'],
  ['to release a key', { verb: 'release', said: { keep: keyB } }, undefined],
  ['to remove', { verb: 'remove', seen: [ready] }, 'type node-2'],
  ['to remove, mistyped', { verb: 'remove', seen: [ready], said: { typed: 'node-3' } }, 'type node-2'],
  ['to replace what was not seen yet', replaces(undefined), 'look at what has the name first'],
  ['to replace', replaces(held, ''), 'type node-3'],
  ['to replace, typed', replaces(held), undefined],
  ['to replace a control plane', replaces({ ...held, onlyRoot: 'as root' }), 'only root can'],
  ['to replace what nobody has', replaces({ pods: [], evicted: [] }), 'no Node has the name'],
  ['to replace a Node that is gone, and left Pods', replaces({ pods: [pod], evicted: [] }), undefined],
  ['to remove, typed', { verb: 'remove', seen: [ready], said: { typed: 'node-2' } }, undefined]
]

t.test('a dialog says what is missing before it does anything', async (t) => {
  for (const [what, question, blocked] of rows) t.equal(ask(question).blocked, blocked, what)
})

t.test('of many only those go that are as they were, and no control plane without its own yes', async (t) => {
  const fresh = aRow('b', { revision: 9 })
  const judged = ask({ seen: [a, b, cp], now: now(fresh) })
  t.same(judged.ready, [a])
  t.same(judged.changed, [{ target: b, fresh }])
  t.same(ask({ seen: [a, b, cp], said: { controlPlanes: true } }).ready, [a, b, cp])
  t.same(ask({ seen: [a, b], done: new Set(['a']) }).ready, [b])
})

t.test('nobody types the names of many', async (t) => {
  t.equal(ask({ verb: 'reject', seen: [joining, ready], said: { reason: 'no' } }).mustType, undefined)
})

t.test('a replacement is bound to the Node and the key that were on the screen', async (t) => {
  const former = aRow('o', { key: keyB })
  t.same(replaceOf({ ...held, former }, false), { uid: 'u1', former: { id: 'o', key: keyB }, drain: false })
  t.same(replaceOf({ pods: [pod], evicted: [] }, true), { drain: true })
})
