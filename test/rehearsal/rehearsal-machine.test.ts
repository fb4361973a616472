import { describeFailure, paths } from '@joinery/agent/testing/machine'
import { runPreflight } from '@joinery/agent/testing/preflight'
import { stageLines, type WorkerStage } from '@joinery/fake-machine'
import { eventually } from '@joinery/testing/clocks/eventually'
import t, { type Test } from 'tap'
import { preflightOf } from '../contract/machine-fixture.ts'
import { openRehearsal } from './open-rehearsal.ts'

// what no real machine can be told to do; the rest is test/contract/machine-contract.ts

const open = async (t: Test) => {
  const opened = await openRehearsal('worker-1')
  t.teardown(() => opened.machine.powerOff())
  return opened
}

const failedJoin = async ({ machine, credential, cluster }: Awaited<ReturnType<typeof open>>, apiIsAway = false) => {
  const given = await credential(1)
  if (apiIsAway) await cluster.goDown()
  await machine.joining.startJoin(given)
  return eventually('kubeadm gives up', async () => {
    const state = await machine.looking.joinState()
    return state.unit === 'failed' && state
  })
}

t.test('the facts of a rehearsal machine say so', async (t) => {
  const { machine } = await open(t)
  t.equal((await machine.looking.facts()).os, 'Debian GNU/Linux 13 (trixie) (rehearsal)')
})

t.test('a broken check fails with its remedy, until it is mended', async (t) => {
  const { machine, apiEndpoint } = await open(t)
  const check = async () =>
    (await machine.looking.preflight(preflightOf(apiEndpoint))).find(({ name }) => name === 'swap')
  machine.breakCheck('swap', 'swap is on: /dev/vda2', 'swapoff -a')
  t.match(await check(), { verdict: 'fail', finding: 'swap is on: /dev/vda2', remedy: ['swapoff -a'] })
  machine.mendCheck('swap')
  t.match(await check(), { verdict: 'pass' })
})

t.test('--fix leaves swap while no cluster refuses it, and --fix=swap turns it off', async (t) => {
  const { machine, apiEndpoint } = await open(t)
  await machine.files.write(paths.fstab, '/dev/vda2 none swap sw 0 0\n', 0o644)
  await machine.reboot()
  const swapAfter = async (...fix: [] | ['safe' | string[]]) => {
    const { checks, changes = [] } = await runPreflight(machine, preflightOf(apiEndpoint), ...fix)
    const { verdict } = checks.find(({ name }) => name === 'swap') ?? {}
    return [verdict, changes.some(({ check }) => check === 'swap')]
  }
  t.same(await swapAfter(), ['warn', false])
  t.same(await swapAfter('safe'), ['warn', false])
  t.same(await swapAfter(['sysctls']), ['warn', false])
  t.same(await swapAfter(['swap']), ['pass', true])
  await machine.reboot()
  t.same(await swapAfter(), ['pass', false], 'nor is it there after the next boot')
})

t.test('kubeadm without an API server gives up after five minutes, with a transient failure', async (t) => {
  const opened = await open(t)
  const { output } = await failedJoin(opened, true)
  t.match(describeFailure(output), { class: 'transient' })
  t.match(
    output.join('\n'),
    /after timeout of 5m0s: Get "https:.*cluster-info\?timeout=10s": dial tcp .*: connection refused/
  )
  t.equal(opened.clock.slept.filter((pause) => pause === 5000).length, 60)
})

t.test('kubeadm gives up after five minutes if nobody approves the request', async (t) => {
  const opened = await open(t)
  const state = await failedJoin(opened)
  t.match(state, { bootstrapConf: false, kubeletConf: true })
  t.match(describeFailure(state.output), {
    class: 'credential',
    stage: '[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap'
  })
  t.match(state.output.join('\n'), /failed while waiting for TLS bootstrap: context deadline exceeded/)
})

t.test('kubeadm fails once at the stage that a test names', async (t) => {
  const names = Object.keys(stageLines).slice(0, -1) as WorkerStage[]
  for (const [number, name] of names.entries()) {
    const opened = await open(t)
    opened.machine.failNextJoin(name, ['error: it is broken'])
    const { output } = await failedJoin(opened)
    const before = names[number - 1]
    const stage = before === undefined ? '' : stageLines[before][0]
    t.match(describeFailure(output), { class: 'machine', stage }, `${number}`)
    t.equal(output.at(-2), 'error: it is broken', `${number}`)
  }
})

t.test('kubeadm takes its time before each stage', async (t) => {
  const opened = await openRehearsal('worker-1', 700)
  t.teardown(() => opened.machine.powerOff())
  opened.machine.failNextJoin('kubelet-start', [])
  await failedJoin(opened)
  t.same(opened.clock.slept, [700, 700, 700, 700, 700])
})
