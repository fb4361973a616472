import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '@joinery/testing/clocks/eventually'
import { runWith } from '@joinery/testing/command/operators'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { refusedWith } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const rules = (mode: string): string => `mode: ${mode}
inventories:
  rack7: { file: rack7.txt }
rules:
- name: banned-kernels
  verdict: reject
  reason: this kernel may not join
  when: machine.kernel == "4.4"
- name: rack-7
  verdict: approve
  when: inInventory(machine.serial, "rack7") && inCidr(seen.address, "127.0.0.0/8")
- name: lab
  verdict: approve
  quota: 1
  when: machine.hostname.startsWith("lab-")
`

/** A pairing server with that policy, which is written as an administrator's editor does: beside the file, and then over it. */
const openWith = async (t: Test, mode: string) => {
  const folder = t.testdir({ 'rack7.txt': '# rack 7\nSN-1\nSN-2\n' })
  const path = join(folder, 'policy.yaml')
  const write = (text: string): void => {
    writeFileSync(`${path}.new`, text, { mode: 0o644 })
    renameSync(`${path}.new`, path)
  }
  write(rules(mode))
  const pairing = await openPairing(t, { policy: path })
  return { pairing, path, folder, write }
}

const comes = async (pairing: Pairing, name: string, facts: object) => {
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code, { facts: { ...machine.facts, ...facts } })
  return machine
}

const reaches = (pairing: Pairing, name: string, state: string) =>
  eventually(`${name} is ${state}`, async () => (await pairing.operator.show(name)).state === state)

/** Waits until the server has judged all that came before: a machine that came later is rejected by then. */
const judged = async (pairing: Pairing): Promise<void> => {
  const name = `last-${randomUUID().slice(0, 8)}`
  await comes(pairing, name, { kernel: '4.4' })
  await reaches(pairing, name, 'rejected')
}

t.test('a policy lets in what it knows, rejects what it must not, and leaves the others to a person', async (t) => {
  const { pairing } = await openWith(t, 'enforce')
  const known = await comes(pairing, 'worker-1', { serial: 'SN-1' })
  await comes(pairing, 'worker-2', { serial: 'SN-9' })
  await comes(pairing, 'worker-3', { serial: 'SN-2', kernel: '4.4' })
  await reaches(pairing, 'worker-1', 'approved')
  await reaches(pairing, 'worker-3', 'rejected')
  await judged(pairing)
  t.match(await pairing.operator.show('worker-2'), { state: 'pending' })
  t.match(await known.server.claim(), { token: /./ }, 'it may claim as any approved machine')
  const { timeline } = await pairing.operator.show('worker-1')
  t.match(
    timeline.find(({ event }) => event === 'approve'),
    { actor: 'policy', detail: /by rule rack-7, of the policy sha256:[0-9a-f]{64}$/, by: undefined }
  )
  t.match(await pairing.operator.show('worker-3'), { message: /this kernel may not join/ })
})

t.test('a change before the claim takes the approval back, and the machine is judged as it is now', async (t) => {
  const { pairing } = await openWith(t, 'enforce')
  const machine = await comes(pairing, 'worker-1', { serial: 'SN-1' })
  await reaches(pairing, 'worker-1', 'approved')
  await machine.server.observe({ facts: { ...machine.facts, serial: 'SN-9' }, preflight: [] })
  await judged(pairing)
  t.match(await pairing.operator.show('worker-1'), { state: 'pending' })
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
})

t.test('a quota holds the next machine, and a restart of the server gives none back', async (t) => {
  const { pairing } = await openWith(t, 'enforce')
  await comes(pairing, 'worker-1', { hostname: 'lab-1' })
  await reaches(pairing, 'worker-1', 'approved')
  await comes(pairing, 'worker-2', { hostname: 'lab-2' })
  await judged(pairing)
  await pairing.restart()
  await judged(pairing)
  t.match(await pairing.operator.show('worker-2'), { state: 'pending' })
  pairing.clock.advance(3_600_000)
  await reaches(pairing, 'worker-2', 'approved')
})

t.test('under warn the timeline says what would be, and joinery policy test says the same', async (t) => {
  const { pairing, path } = await openWith(t, 'warn')
  await comes(pairing, 'worker-1', { serial: 'SN-1' })
  await comes(pairing, 'worker-2', { serial: 'SN-9', hostname: 'lab-1' })
  const told = await eventually('the timeline says so', async () => {
    const { timeline } = await pairing.operator.show('worker-2')
    return timeline.find(({ event }) => event === 'would-approve')
  })
  t.match(told, { actor: 'policy', detail: /by rule lab, only by what the machine claims, of the policy sha256:/ })
  t.match(await pairing.operator.show('worker-1'), { state: 'pending' })
  const words = ['--socket', pairing.config.operators.socket, 'policy', 'test', '--file', path, '--all']
  const { exitCode, out, err } = await runWith(words)
  t.equal(exitCode, 0, err)
  t.match(out, /^worker-1 +pending +approve +rack-7 +rule rack-7 holds$/m)
  t.match(out, /^worker-2 +pending +approve +lab +rule lab holds, only by what the machine claims$/m)
  const [, hash = ''] = /(sha256:\w+)$/.exec(told.detail) ?? []
  t.match(err, hash)
})

t.test('a policy that is wrong alerts, and the last right one goes on; one that is gone ends it', async (t) => {
  const { pairing, path, write } = await openWith(t, 'enforce')
  await comes(pairing, 'worker-1', { serial: 'SN-1' })
  await reaches(pairing, 'worker-1', 'approved')
  write(rules('enforce').replace('machine.serial', 'machine.seriel'))
  const alert = await eventually('the alert', async () => {
    const { alerts } = await pairing.operator.status()
    return alerts.last.find(({ event }) => event === 'policy-refused')
  })
  t.match(alert, {
    subject: 'policy/file',
    detail: /policy.yaml:11:21: rule rack-7: .*seriel/,
    next: 'joinery policy test'
  })
  const { policy, remedies } = await pairing.operator.status()
  t.match(policy, {
    mode: 'enforce',
    rules: [Object, { name: 'rack-7' }, { quota: 1, approved: 0 }],
    trouble: [/seriel/]
  })
  t.match(remedies.join(), /The approval policy is wrong: .*seriel.*; joinery policy test --file /)
  await comes(pairing, 'worker-2', { serial: 'SN-2' })
  await reaches(pairing, 'worker-2', 'approved')
  rmSync(path)
  await eventually('the server has seen it', async () => pairing.log.includes('no such file'))
  await comes(pairing, 'worker-3', { serial: 'SN-1', machineId: 'f'.repeat(32) })
  write(rules('warn'))
  await eventually('it is there again', async () => {
    const { timeline } = await pairing.operator.show('worker-3')
    return timeline.some(({ event }) => event === 'would-approve')
  })
  t.match(await pairing.operator.show('worker-3'), { state: 'pending' })
})

t.test('an inventory that grows lets in the machine that waits for it', async (t) => {
  const { pairing, folder } = await openWith(t, 'enforce')
  await comes(pairing, 'worker-1', { serial: 'SN-7' })
  await judged(pairing)
  t.match(await pairing.operator.show('worker-1'), { state: 'pending' })
  writeFileSync(join(folder, 'rack7.txt'), 'SN-7\n')
  await reaches(pairing, 'worker-1', 'approved')
})

t.test('a copy of a machine, and a frozen one, wait for a person', async (t) => {
  const { pairing } = await openWith(t, 'enforce')
  const { code } = await pairing.code('worker-1')
  const first = await pairing.machine()
  const facts = { ...first.facts, serial: 'SN-9' }
  await first.enrol(code, { facts })
  await refusedWith((await pairing.machine()).enrol(code))
  await reaches(pairing, 'worker-1', 'frozen')
  await comes(pairing, 'worker-2', { serial: 'SN-1', macs: facts.macs })
  await judged(pairing)
  t.match(await pairing.operator.show('worker-1'), { state: 'frozen' })
  t.match(await pairing.operator.show('worker-2'), { state: 'pending' })
})
