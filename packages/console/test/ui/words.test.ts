import { noFacts, shortFingerprint, states } from '@joinery/protocol'
import t from 'tap'
import { between, clockTime, day, span } from '../../src/ui/model/durations.ts'
import { factTexts, hardwareWords, sideBySide } from '../../src/ui/model/facts.ts'
import { joinProgress } from '../../src/ui/model/join-progress.ts'
import { keyGroups, shortKey } from '../../src/ui/model/key-groups.ts'
import { codeLook, conditionLook, stateLook, traceLook, verdictLook } from '../../src/ui/model/looks.ts'
import { authorOf, partsOf, stepsOf } from '../../src/ui/model/timeline.ts'
import { aRow, keyA } from './a-row.ts'

const spans: [milliseconds: number, words: string][] = [
  [-5, '0 ms'],
  [350, '350 ms'],
  [999.6, '1.0 s'],
  [4_250, '4.2 s'],
  [9_999, '9.9 s'],
  [42_900, '42 s'],
  [192_000, '3m 12s'],
  [600_000, '10m'],
  [3_780_000, '1h 3m'],
  [180_000_000, '2d 2h']
]

t.test('a duration has two units at most', async (t) => {
  for (const [milliseconds, words] of spans) t.equal(span(milliseconds), words)
})

t.test('a time that is missing or no time makes no duration, and is shown as it is', async (t) => {
  t.equal(between('2026-11-27T10:00:00Z', '2026-11-27T10:00:01.500Z'), 1500)
  t.equal(between(undefined, '2026-11-27T10:00:00Z'), undefined)
  t.equal(between('2026-11-27T10:00:00Z', 'never'), undefined)
  t.equal(clockTime('never'), 'never')
  t.equal(day('never'), 'never')
  t.match(day('2026-11-27T10:00:00Z', 'en-GB'), /2026/)
})

t.test('the groups that a person compares are those of the console of the machine', async (t) => {
  t.same(keyGroups(keyA).compared, ['a1b2', 'a1b2', 'a1b2', 'a1b2', 'a1b2'])
  t.equal(keyGroups(keyA).rest.length, 11)
  t.equal(shortKey(keyA), shortFingerprint(keyA))
  t.same(keyGroups(''), { compared: [], rest: [] })
})

t.test('no two kinds of state have only a colour between them', async (t) => {
  const byTone = new Map<string, Set<string>>()
  for (const state of states) {
    const { tone, shape } = stateLook(state)
    byTone.set(shape, (byTone.get(shape) ?? new Set()).add(tone))
  }
  for (const shape of ['check', 'hand', 'snow', 'half']) t.equal(byTone.get(shape)?.size, 1, shape)
  t.same(stateLook('a state of a newer server'), stateLook('unknown'))
  t.same(stateLook('constructor'), stateLook('unknown'))
  t.equal(verdictLook('fail').tone, 'bad')
  t.equal(conditionLook('Ready').tone, 'good')
  t.equal(codeLook('revoked').shape, 'cross')
})

const traces: [trace: string, before: boolean, tone: string][] = [
  ['enrolled', false, 'good'],
  ['outside', false, 'bad'],
  ['outside', true, 'over'],
  ['unwanted', false, 'bad'],
  ['other-machine', false, 'bad'],
  ['untraced', false, 'calm'],
  ['a new kind', false, 'calm']
]

t.test('a Node that nobody accounts for is an alarm', async (t) => {
  for (const [trace, before, tone] of traces) t.equal(traceLook(trace, before).look.tone, tone, trace)
})

t.test('a fact that a machine does not state is left out', async (t) => {
  t.same(factTexts({ hostname: 'a', serial: '', macs: [], memory: 2 ** 31 }), [
    ['Hostname', 'a'],
    ['Memory', '2.0 GiB']
  ])
  t.equal(
    hardwareWords({ cpus: 4, memory: 2 ** 33, os: 'Debian GNU/Linux 12 (bookworm)' }),
    '4 CPU, 8.0 GiB, Debian GNU/Linux 12'
  )
  t.equal(hardwareWords({}), '')
  t.equal(hardwareWords(noFacts), '')
  t.same(factTexts({ ...noFacts, arch: 'x64' }), [['Architecture', 'x64']], 'what is not known is not 0')
  t.match(
    sideBySide([
      { hostname: 'a', serial: '1' },
      { hostname: 'a', serial: '2' }
    ]),
    [
      { label: 'Hostname', values: ['a', 'a'], differs: false },
      { label: 'Serial', values: ['1', '2'], differs: true }
    ]
  )
})

const attempt = (stage?: string) => ({
  number: 1,
  claimed: '2026-11-27T10:02:00.000Z',
  deadline: '2026-11-27T10:12:00.000Z',
  ...(stage === undefined ? {} : { stage })
})

t.test('a bar moves with the stages of kubeadm, then with the Node', async (t) => {
  const joining = { state: 'joining', attempts: [attempt()] } as const
  t.equal(joinProgress(aRow('e')), undefined)
  t.match(joinProgress(aRow('e', { ...joining, attempts: [attempt()] })), { done: 0, known: true })
  const started = joinProgress(
    aRow('e', { state: 'joining', attempts: [attempt('[kubelet-start] Starting the kubelet')] })
  )
  t.match(started, { done: 4, of: 10, known: true, text: '[kubelet-start] Starting the kubelet' })
  t.match(joinProgress(aRow('e', { state: 'joining' })), { known: false })
  const node = { uid: 'u', condition: 'NotReady' } as const
  t.match(joinProgress(aRow('e', { state: 'joined', attempts: [attempt()], node })), { done: 9, of: 10 })
  t.equal(joinProgress(aRow('e', { state: 'ready', node })), undefined)
})

t.test('the parts of a way are as long as the times between its marks', async (t) => {
  const now = new Date('2026-11-27T10:03:00.000Z')
  const created = '2026-11-27T10:00:00.000Z'
  const way = aRow('e', {
    created,
    approved: { at: '2026-11-27T10:01:00.000Z', revision: 3, key: keyA },
    attempts: [attempt()],
    node: { uid: 'u', condition: 'Ready', registered: '2026-11-27T10:02:20.000Z' },
    ready: '2026-11-27T10:02:30.000Z'
  })
  t.same(
    partsOf(way, now, false).map(({ name, length, open }) => [name, length, open]),
    [
      ['waiting', 60_000, false],
      ['claiming', 60_000, false],
      ['joining', 20_000, false],
      ['settling', 10_000, false]
    ]
  )
  t.match(partsOf(aRow('e', { created }), now, false), [{ name: 'waiting', length: 180_000, open: true }])
  t.same(partsOf(aRow('e', { created }), now, true), [])
  t.match(partsOf(aRow('e', { created: '2026-11-27T10:04:00.000Z' }), now, false), [{ length: 0 }])
})

t.test('an entry of a timeline says how long it took, and who it was', async (t) => {
  const entry = { actor: 'agent', event: 'enrol', detail: '', alert: false }
  const steps = stepsOf([
    { ...entry, at: '2026-11-27T10:00:00.000Z' },
    { ...entry, at: '2026-11-27T10:00:02.500Z' }
  ])
  t.same(
    steps.map(({ after }) => after),
    [undefined, 2500]
  )
  t.equal(authorOf({ actor: 'server' }), 'server')
  t.equal(authorOf({ actor: 'operator', by: 'alice (uid 1000)' }), 'operator alice (uid 1000)')
  t.equal(authorOf({ actor: 'operator', by: 'root', decision: 'd' }), 'Kubernetes user root')
})
