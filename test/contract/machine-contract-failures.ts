import { describeFailure } from '@joinery/agent/testing/machine'
import type { Test } from 'tap'
import { noJoin } from './machine-contract-preflight.ts'
import {
  factsOf,
  failing,
  failsOnly,
  joinToCertificate,
  joinToEnd,
  joinUntil,
  type OpenMachine,
  preflightOf
} from './machine-fixture.ts'

/** Takes the five minutes after which kubeadm itself gives up. */
export const refusalContract = async (t: Test, open: OpenMachine): Promise<void> => {
  const { machine } = open

  await t.test('a join whose token is refused fails in kubeadm’s words, which tell whose fault it is', async (t) => {
    const credential = await open.credential(1)
    const token = credential.token.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
    await machine.joining.startJoin({ ...credential, token })
    const failed = await joinToEnd(open)
    t.match(failed, { unit: 'failed', bootstrapConf: false, kubeletConf: false })
    t.equal(failed.certificate, undefined)
    const failure = describeFailure(failed.output)
    t.match(failure, { class: 'credential', stage: '[preflight] Running pre-flight checks' })
    t.match(failure.output.join('\n'), /couldn't validate the identity of the API Server: .*: Unauthorized/)
  })

  await t.test('a closed join still tells how it failed', async (t) => {
    const failed = await machine.looking.joinState()
    await machine.joining.closeJoin()
    t.same(await machine.looking.joinState(), failed)
  })
}

export const failureContract = async (t: Test, open: OpenMachine): Promise<void> => {
  const { machine, apiEndpoint } = open
  const facts = await factsOf(open)
  await machine.mending.mend(await machine.looking.preflight(preflightOf(apiEndpoint)), 'safe')

  await t.test('a start while kubeadm runs does not begin a second join', async (t) => {
    await machine.joining.startJoin(await open.credential(1))
    await joinToCertificate(open)
    await machine.joining.startJoin(await open.credential(1))
    t.match(await machine.looking.joinState(), { unit: 'running', bootstrapConf: true })
  })

  await t.test('a join that is closed in the middle leaves no process and no credential', async (t) => {
    await machine.joining.closeJoin()
    const closed = await machine.looking.joinState()
    t.match(closed, { unit: 'failed', bootstrapConf: false, kubeletConf: true })
    await machine.joining.closeJoin()
    t.same(await machine.looking.joinState(), closed)
    t.equal(describeFailure(closed.output).class, 'transient', 'nobody is to blame')
  })

  await t.test('without a reset kubeadm refuses the next join', async (t) => {
    await t.resolves(failsOnly(open, preflightOf(apiEndpoint), 'earlier-join'))
    await machine.joining.startJoin(await open.credential(2))
    const failed = await joinToEnd(open)
    t.match(failed, { unit: 'failed', bootstrapConf: false })
    t.match(describeFailure(failed.output), { class: 'machine', output: [/./] })
    t.match(failed.output.join('\n'), /\[ERROR FileAvailable--etc-kubernetes-kubelet\.conf\]: .* already exists/)
  })

  await t.test('reset makes the next join possible', async (t) => {
    await machine.joining.closeJoin()
    await machine.joining.reset()
    t.match(await machine.looking.joinState(), { ...noJoin, output: [/./] })
    await t.resolves(failsOnly(open, preflightOf(apiEndpoint)))
    await machine.joining.reset()
  })

  await t.test('a new attempt forgets the output of the last one', async (t) => {
    await machine.joining.startJoin(await open.credential(3))
    const { output } = await joinToCertificate(open)
    t.notMatch(output.join('\n'), /already exists/)
  })

  await t.test(
    'a machine that is rebooted in the middle shows no unit and no output, and keeps its facts',
    async (t) => {
      await open.reboot()
      const rebooted = await machine.looking.joinState()
      t.match(rebooted, { unit: 'absent', bootstrapConf: true, kubeletConf: true })
      t.same(rebooted.output, [])
      // Linux keeps some pages more or less for itself at each boot
      t.same({ ...(await factsOf(open)), memory: 0 }, { ...facts, memory: 0 })
      const checks = await machine.looking.preflight(preflightOf(apiEndpoint))
      t.same(
        failing(checks).filter((name) => name === 'kernel-modules' || name === 'sysctls'),
        [],
        'mended for good'
      )
    }
  )

  await t.test('the kubelet goes on with the credential on the disk, without kubeadm', async (t) => {
    // one that is started again, as at boot, has a new key and asks again
    const state = await joinUntil(
      open,
      'the kubelet has its certificate',
      ({ certificate }) => certificate !== undefined,
      open.approve
    )
    t.match(state, { unit: 'absent', bootstrapConf: true })
    await machine.joining.removeSecrets()
    t.match(await machine.looking.joinState(), { ...state, bootstrapConf: false })
  })

  await t.test('a rebooted machine is fresh again after close and reset', async (t) => {
    await machine.joining.closeJoin()
    t.match(await machine.looking.joinState(), { unit: 'absent', bootstrapConf: false })
    await machine.joining.reset()
    t.same(await machine.looking.joinState(), noJoin)
    await t.resolves(failsOnly(open, preflightOf(apiEndpoint)))
  })
}
