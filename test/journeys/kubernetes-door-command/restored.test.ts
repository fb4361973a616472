import { eventually } from '@joinery/testing/clocks/eventually'
import { noteAsCopy, notedGeneration } from '@joinery/testing/cluster/generation'
import { runWith } from '@joinery/testing/command/operators'
import { approve, approved, claimToken, enrolled } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'
import { openBehindFront } from './behind-the-front.ts'

const other = 'ANOTHER'

/** Machines of every kind, of which a settling made those wait again that were approved. */
const settled = async (t: Test) => {
  const behind = await openBehindFront(t)
  const { pairing } = behind
  await approved(pairing, 'a-1')
  const joining = await approved(pairing, 'a-2')
  await claimToken(joining)
  const late = await approved(pairing, 'a-3')
  const moved = await approved(pairing, 'moved')
  const reopened = await approved(pairing, 'reopened')
  await reopened.server.observe({ facts: { ...reopened.facts, serial: other }, preflight: [] })
  await enrolled(pairing, 'new')
  await pairing.reconcile()
  await noteAsCopy(pairing, (await notedGeneration(pairing)) + 1)
  await pairing.reconcile()
  await moved.server.observe({ facts: { ...moved.facts, serial: other }, preflight: [] })
  const stateOf = async (name: string) => (await pairing.operator.show(name)).state
  for (const name of ['a-1', 'a-2', 'a-3', 'moved', 'reopened', 'new']) t.equal(await stateOf(name), 'pending', name)
  const { socket } = pairing.config.operators
  return { ...behind, late, stateOf, socket }
}

for (const door of ['socket', 'cluster'] as const) {
  t.test(`A2: what a settling made wait again is shown at once, and approved by one answer: ${door}`, async (t) => {
    const { pairing, socket, joineryAs, late, stateOf } = await settled(t)
    const run: typeof runWith = (words, terminal) =>
      door === 'socket' ? runWith(words, { ...terminal, socket }) : joineryAs('alice', words, terminal)
    await eventually('the door shows what changed', async () =>
      /"serial"/.test((await run(['show', 'moved', '-o', 'json'])).out.split('"changed"')[1] ?? '')
    )

    const nobody = await run(['approve', '--restored'])
    t.match(nobody, { exitCode: 2, out: '', err: /nothing is approved; there is no terminal to ask on/ })
    const no = await run(['approve', '--restored'], { ask: async () => 'n' })
    t.match(no, { exitCode: 1, out: '', err: /3 machines would be approved/ })
    t.equal(await stateOf('a-1'), 'pending')

    const questions: string[] = []
    const ask = async (question: string) => {
      questions.push(question)
      await late.server.observe({ facts: { ...late.facts, serial: other }, preflight: [] })
      return 'y'
    }
    const { exitCode, out, err } = await run(['approve', '--restored'], { ask })
    t.same(questions, ['Approve these 3 machines? [y/N] '])
    t.match(
      err,
      /^The store has forgotten .*\nmoved is left out: \S+ approved revision \d+, and since then this changed: serial; look at it: joinery approve moved\n/
    )
    t.match(err, /\nNAME +STATE +ROLE +ADDRESS +PREFLIGHT +AGE +KEY +APPROVED +BY +REVISION\n/)
    t.match(err, /\na-1 .* \w{4}(-\w{4}){4} +\S+ ago +\S+ +\d+\n/)
    t.equal(out, 'enrolment/a-1 approved\nenrolment/a-2 approved\n', err)
    t.match(err, /\nerror: a-3: .*\(revision-changed\)\n(.*\n)*error: 2 approved, 1 refused\n$/)
    t.equal(exitCode, 6)
    for (const name of ['a-1', 'a-2']) t.equal(await stateOf(name), 'approved', name)
    for (const name of ['a-3', 'moved', 'reopened', 'new']) t.equal(await stateOf(name), 'pending', name)

    // an approval of before the settling counts no more once a person has decided again
    await pairing.operator.reject('a-1', { reason: 'not ours' })
    await approve(pairing, 'a-3')
    for (const serial of ['A THIRD', other]) {
      await late.server.observe({ facts: { ...late.facts, serial }, preflight: [] })
    }
    t.equal(await stateOf('a-3'), 'pending')
    await eventually('the door shows that again', async () => {
      const { revision, state } = await pairing.operator.show('a-3')
      const shown = JSON.parse((await run(['show', 'a-3', '-o', 'json'])).out)
      return shown.revision === revision && shown.state === state
    })
    const again = await run(['approve', '--restored', '--yes', '-o', 'json'])
    t.match(again, { exitCode: 0, err: /Nothing that fits can be approved\.\n$/ })
    t.same(JSON.parse(again.out).items, [])
  })
}
