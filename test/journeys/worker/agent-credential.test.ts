import type { Moment } from '@joinery/testing/agents/agent-process'
import { credentialFile, openMachine } from '@joinery/testing/agents/agents'
import { playLives, startKilledAt } from '@joinery/testing/agents/lives'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

const takenFile = '/var/lib/joinery-agent/taken-code'

t.test('a machine whose platform gives it the code as a credential joins, and presents it once', async (t) => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing)
  await open.putCredential()
  const agent = open.start()
  await approvePending(pairing, open)
  await agent.ended
  await assertJoined(t, pairing, open)
  t.equal(open.steps.filter((step) => step === 'enrol').length, 1)
  t.ok(await open.has(credentialFile), 'which nobody can remove')

  await open.reboot()
  await eventually(
    'the agent to have looked and ended',
    async () => open.steps.filter((step) => step === 'finish').length > 1
  )
  t.equal(open.steps.filter((step) => step === 'enrol').length, 1, 'also after a reboot, where it is given again')
})

const moments: Moment[] = [
  'enrol: before server.enrol',
  'enrol: after server.enrol',
  `enrol: before files.write ${takenFile}`,
  `enrol: after files.write ${takenFile}`
]
t.test('an agent with a credential may be killed around its enrolment', async (t) => {
  const pairing = await openPairing(t)
  let machines = 0
  await playLives(
    t,
    moments,
    (moments) => `the machine joins after its agent is killed in ${moments}`,
    async (t, left) => {
      const open = await openMachine(t, pairing, `worker-${++machines}`)
      await open.putCredential()
      const agent = await startKilledAt(open, left)
      await approvePending(pairing, open)
      await agent.ended
      await assertJoined(t, pairing, open)
    }
  )
})

t.test('two agents at once with the same credential are one machine', async (t) => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing)
  await open.putCredential()
  const agents = [open.start(), open.start()]
  await approvePending(pairing, open)
  await Promise.all(agents.map(({ ended }) => ended))
  await assertJoined(t, pairing, open)
})

t.test('a copy of the disk does not present the credential of the original', async (t) => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing)
  await open.putCredential()
  open.start()
  await eventually('the code to be noted as taken', () => open.has(takenFile))
  const copy = await openMachine(t, pairing, 'copy-1')
  for (const path of [credentialFile, takenFile]) {
    await copy.machine.files.write(path, (await open.machine.files.read(path)) ?? '', 0o600)
  }
  copy.start()
  await says(copy, /^no enrolment: put a code into /)
})

t.test('the error about a broken credential names it', async (t) => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing)
  await open.putCredential('hunter2')
  open.start()
  await says(open, /the credential joinery\.code: /)
})
