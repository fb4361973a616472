import { X509Certificate } from 'node:crypto'
import { stages } from '@joinery/agent/testing/journal'
import { fingerprint } from '@joinery/protocol'
import type { Test } from 'tap'
import {
  failing,
  failsOnly,
  joinToCertificate,
  joinToEnd,
  joinUntil,
  type OpenMachine,
  preflightOf,
  seenOnce
} from './machine-fixture.ts'

/** Of kubeadm 1.37, a worker, up to its wait for the certificate. */
const toCertificate = [
  /^\[preflight\] Running pre-flight checks/,
  /^\[preflight\] Reading configuration from/,
  /^\[kubelet-start\] Writing kubelet configuration .*instance-config\.yaml/,
  /^\[kubelet-start\] Writing kubelet configuration .*config\.yaml/,
  /^\[kubelet-start\] Starting the kubelet/,
  /^\[kubelet-check\] Waiting for a healthy kubelet/,
  /^\[kubelet-check\] The kubelet is healthy after/,
  /^\[kubelet-start\] Waiting for the kubelet to perform the TLS Bootstrap/
]

export const joinContract = async (t: Test, open: OpenMachine): Promise<void> => {
  const { machine, apiEndpoint, nodeName } = open

  await t.test('a join prints its stages in their order, and waits for the certificate', async (t) => {
    const credential = await open.credential(1)
    await machine.joining.startJoin(credential)
    t.equal((await machine.looking.joinState()).unit, 'running')
    const waiting = await joinToCertificate(open)
    t.match(waiting, { unit: 'running', bootstrapConf: true, kubeletConf: true })
    t.equal(waiting.certificate, undefined, 'kubelet.conf alone proves nothing')
    t.match(stages(waiting.output), toCertificate)
    t.equal(stages(waiting.output).length, toCertificate.length)
    t.notOk(
      waiting.output.some((line) => line.includes(credential.token.slice(7))),
      'no secret in the output'
    )
    t.match(await machine.looking.nodeReadiness(nodeName), {
      ready: false,
      message: 'the kubelet has no certificate yet'
    })
  })

  await t.test(
    'a join whose request is approved succeeds, holds the issued certificate, and no credential',
    async (t) => {
      const certificate = new X509Certificate(await open.approve())
      const joined = await joinToEnd(open)
      t.match(joined, {
        unit: 'succeeded',
        bootstrapConf: false,
        kubeletConf: true,
        certificate: { fingerprint: fingerprint(certificate.publicKey), serial: certificate.serialNumber }
      })
      t.match(stages(joined.output), [...toCertificate, /^This node has joined the cluster/])
    }
  )

  await t.test('the Node says that it lacks a network plugin, and is Ready with one', async (t) => {
    const says = (words: RegExp) =>
      seenOnce(
        open,
        `the Node to say ${words}`,
        () => machine.looking.nodeReadiness(nodeName),
        ({ message }) => words.test(message)
      )
    t.match(await says(/cni plugin not initialized/), { ready: false, message: /^KubeletNotReady: / })
    const { causes } = await seenOnce(
      open,
      'the machine to see all',
      () => machine.looking.whyNotReady(nodeName),
      ({ unseen }) => unseen.length === 0
    )
    t.ok(
      causes.some(({ code }) => code === 'cni-missing'),
      'and the machine knows what is missing'
    )
    await open.connectNetwork()
    t.match(await says(/kubelet is posting ready status/), { ready: true, message: /^KubeletReady: / })
    await seenOnce(
      open,
      'no cause to be left',
      () => machine.looking.whyNotReady(nodeName),
      ({ readiness, causes }) => readiness.ready && causes.length === 0
    )
  })

  await t.test('a machine that has joined fails preflight, for its traces and its ports', async (t) => {
    await t.resolves(failsOnly(open, preflightOf(apiEndpoint), 'ports-free', 'earlier-join'))
  })

  await t.test('the join stays as it is if its secrets are removed', async (t) => {
    const before = await machine.looking.joinState()
    await machine.joining.removeSecrets()
    await machine.joining.removeSecrets()
    t.same(await machine.looking.joinState(), before)
    t.match(await machine.looking.nodeReadiness(nodeName), { ready: true })
  })

  await t.test('a kubelet that was stopped with its join starts again, and holds its ports', async (t) => {
    const holdsPorts = async () =>
      failing(await machine.looking.preflight(preflightOf(apiEndpoint))).includes('ports-free')
    await machine.joining.closeJoin()
    t.notOk(await holdsPorts())
    await machine.joining.startKubelet()
    await machine.joining.startKubelet()
    let held = false
    await joinUntil(
      open,
      'the kubelet holds its ports',
      () => held,
      async () => {
        held = await holdsPorts()
      }
    )
  })
}
