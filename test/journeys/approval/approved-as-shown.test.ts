import { type Check, type Facts, shortFingerprint } from '@joinery/protocol'
import { runWith } from '@joinery/testing/command/operators'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'

const good = { serial: 'GOOD-SERIAL', productUuid: 'good-uuid', macs: ['52:54:00:00:00:01'] }
const evil = { serial: 'EVIL-SERIAL', productUuid: 'evil-uuid', macs: ['66:66:66:66:66:66'] }
const fails: Check[] = [{ name: 'swap', verdict: 'fail', finding: 'swap is on' }]

/** A machine that waits for an approval, and may become another one. */
const waiting = async (t: Test) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const facts: Facts = { ...machine.facts, ...good }
  await machine.enrol((await pairing.code('worker-1')).code, { facts })
  const becomesEvil = () => machine.server.observe({ facts: { ...facts, ...evil }, preflight: fails })
  return { pairing, machine, becomesEvil }
}
/** The operator's command; `ask`: what happens while it asks, and the answer. */
const joinery = ({ config }: Pairing, words: string, ask?: (question: string) => Promise<string>) =>
  runWith(words.split(' '), { socket: config.operators.socket, ...(ask && { ask }) })
const state = async ({ operator }: Pairing) => (await operator.show('worker-1')).state
const claims = (machine: TestMachine) => refusedWith(machine.server.claim())

t.test('a machine that changes while the operator reads is not approved by the answer', async (t) => {
  const { pairing, machine, becomesEvil } = await waiting(t)
  const { exitCode, err } = await joinery(pairing, 'approve worker-1', async () => {
    await becomesEvil()
    return 'y'
  })
  t.match(err, 'GOOD-SERIAL')
  t.match(err, /\(revision-changed\)\nremedy: look again: joinery show worker-1\n$/)
  t.equal(exitCode, 6)
  t.equal(await state(pairing), 'pending')
  t.equal(await claims(machine), 'illegal-event')
})

t.test('the command at the end of show approves only what show has shown', async (t) => {
  const { pairing, machine, becomesEvil } = await waiting(t)
  const shown = await joinery(pairing, 'show worker-1')
  const [, next = ''] = /^Next: joinery (approve worker-1 --revision \d+ --key \S+)$/m.exec(shown.err) ?? []
  await becomesEvil()
  t.match(await joinery(pairing, next), { exitCode: 6, out: '', err: /the evidence of worker-1 has changed since/ })
  t.equal(await state(pairing), 'pending')
  const again = await joinery(pairing, 'show worker-1')
  t.match(again.out, 'EVIL-SERIAL')
  const [, now = ''] = /^Next: joinery (approve .*)$/m.exec(again.err) ?? []
  t.match(await joinery(pairing, now), { exitCode: 0, out: 'enrolment/worker-1 approved\n' })
  t.ok(now.endsWith(shortFingerprint(machine.identity.fingerprint)))
})

t.test('without a terminal nobody can approve unseen evidence', async (t) => {
  const { pairing } = await waiting(t)
  t.match(await joinery(pairing, 'approve worker-1'), { exitCode: 2, err: /there is no terminal to ask on/ })
  t.equal(await state(pairing), 'pending')
})

t.test('on a terminal the whole evidence is shown before the question', async (t) => {
  const { pairing, becomesEvil } = await waiting(t)
  await becomesEvil()
  const questions: string[] = []
  const { err } = await joinery(pairing, 'approve worker-1', async (question) => {
    questions.push(question)
    return ''
  })
  for (const fact of ['EVIL-SERIAL', 'evil-uuid', '66:66:66:66:66:66', 'swap is on']) t.match(err, fact, fact)
  t.same(questions, ['Approve worker-1? [y/N] '])
  t.equal(await state(pairing), 'pending')
})

t.test('a retry covers only the evidence that was shown', async (t) => {
  const { pairing, machine } = await waiting(t)
  await approve(pairing, 'worker-1')
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await machine.server.claim()
    await machine.server.outcome({ outcome: 'failed', attempt, class: 'machine', stage: '', output: [] })
  }
  t.equal(await state(pairing), 'failed')
  const { err } = await joinery(pairing, 'show worker-1')
  const [, next = ''] = /^Next: joinery (retry worker-1 --revision \d+ --key \S+)$/m.exec(err) ?? []
  await machine.server.observe({ facts: { ...machine.facts, ...evil }, preflight: fails })
  t.match(await joinery(pairing, next), { exitCode: 6 })
  t.equal(await state(pairing), 'failed')
})

t.test('the same approval again succeeds and changes nothing, as long as it holds', async (t) => {
  const { pairing, machine, becomesEvil } = await waiting(t)
  const { revision } = await pairing.operator.show('worker-1')
  const key = machine.identity.fingerprint
  const command = `approve worker-1 --revision ${revision} --key ${shortFingerprint(key)}`
  const approvals = async () =>
    (await pairing.operator.show('worker-1')).timeline.filter(({ event }) => event === 'approve').length
  for (const words of [command, command, 'approve worker-1 --yes']) {
    t.match(await joinery(pairing, words), { exitCode: 0, out: 'enrolment/worker-1 approved\n' }, words)
    t.equal(await approvals(), 1, words)
  }
  const another = { key: `sha256:${'0'.repeat(64)}`, revision }
  t.equal(await refusedWith(pairing.operator.approve('worker-1', another)), 'illegal-event')
  t.equal(await refusedWith(pairing.operator.approve('worker-1', { key, revision: revision + 1 })), 'illegal-event')
  await becomesEvil()
  t.equal(await state(pairing), 'pending', 'it is no longer what was approved')
  t.equal(await refusedWith(pairing.operator.approve('worker-1', { key, revision })), 'revision-changed')
  t.match(await joinery(pairing, command), { exitCode: 6 })
})

t.test('the error about an impossible verb says what is possible', async (t) => {
  const { pairing } = await waiting(t)
  await pairing.operator.reject('worker-1', { reason: 'no' })
  const remedy = 'remedy: it needs a new code: joinery code create --name worker-1\n'
  for (const verb of ['approve', 'retry']) {
    const { exitCode, err } = await joinery(pairing, `${verb} worker-1 --yes`)
    t.ok(err.endsWith(remedy), verb)
    t.equal(exitCode, 6, verb)
  }
})
