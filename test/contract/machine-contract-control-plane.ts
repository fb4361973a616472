import { stages } from '@joinery/agent/testing/journal'
import type { JoinOptions } from '@joinery/agent/testing/machine'
import type { PreflightInput } from '@joinery/agent/testing/preflight'
import type { SharedFiles } from '@joinery/protocol/seal'
import type { Test } from 'tap'
import { noJoin } from './machine-contract-preflight.ts'
import { failsOnly, joinToEnd, joinUntil, type OpenMachine } from './machine-fixture.ts'

/** A machine that never joined, with a cluster of one control plane whose etcd is stacked. */
export interface OpenControlPlane extends OpenMachine {
  /** Of the cluster, as kubeadm-config says. */
  version: string
  /** That control planes of the cluster share. */
  keys: SharedFiles
  /** Where the etcd of the first control plane is. */
  etcdHosts: string[]
  /** Of the cluster's etcd, as it says itself; those that never started have no name. */
  etcdMembers(): Promise<{ name: string; isLearner: boolean }[]>
}

const key = '/etc/kubernetes/pki/ca.key'

/** Of kubeadm 1.37, in their order; between them there may be more. */
const marks = [
  /^\[preflight\] Running pre-flight checks$/,
  /^\[preflight\] Running pre-flight checks before initializing/,
  /^\[certs\] Using certificateDir/,
  /^\[kubeconfig\] Generating/,
  /^\[control-plane\] Creating static Pod manifest for "kube-apiserver"/,
  /^\[check-etcd\]/,
  /^\[kubelet-start\] Starting the kubelet/,
  /^\[etcd\] Announced new etcd member/,
  /^\[etcd\] Creating static Pod manifest/,
  /^\[etcd\] Waiting for the new etcd member/,
  /^\[kubelet-start\] Waiting for the kubelet to perform the TLS Bootstrap/,
  /^\[mark-control-plane\] Marking the node/,
  /^\[control-plane-check\] Waiting/,
  /^This node has joined the cluster and a new control plane/
]

/** What the machine's four ports promise of a control plane: joins that are cut, and one that is not. */
export const controlPlaneContract = (
  t: Test,
  name: string,
  open: (nodeName: string) => Promise<OpenControlPlane>
): Promise<unknown> =>
  t.test(`${name} keeps the contract of a control plane`, async (t) => {
    const nodeName = 'control-plane'
    const opened = await open(nodeName)
    t.teardown(() => opened.close())
    const { machine, apiEndpoint, keys, etcdHosts, version } = opened
    const input: PreflightInput = { role: 'control-plane', apiEndpoint, ignore: [] }
    await machine.mending.mend(await machine.looking.preflight(input), 'safe')
    const address = (await machine.looking.nodeAddress(nodeName)) ?? ''
    const options: JoinOptions = { controlPlane: { address, keys } }
    const leave = () => machine.etcd.leaveEtcd({ address, nodeName }, etcdHosts)
    const comesTo = async (what: string, look: () => Promise<boolean>) => {
      let seen = false
      await joinUntil(
        opened,
        what,
        () => seen,
        async () => {
          seen = await look()
        }
      )
    }
    const untilOut = () =>
      comesTo('it is out of etcd', async () => (await leave().catch((error) => error)) === undefined)
    let attempt = 0
    const kill = async (line: string) => {
      attempt += 1
      await opened.joinAndKill(await opened.certificate(attempt), line, options)
      await joinToEnd(opened)
    }
    const takeBack = async (t: Test) => {
      await machine.joining.closeJoin()
      await machine.joining.reset()
      t.match(await machine.looking.joinState(), { unit: 'absent', bootstrapConf: false, kubeletConf: false })
      await t.resolves(failsOnly(opened, input), 'and nothing of it is left')
    }

    await t.test('a fit machine fails no check of a control plane', async (t) => {
      t.match(address, /^172\.30\.0\.\d+$/)
      await t.resolves(failsOnly(opened, input))
    })

    await t.test('the images are there after they were pulled', async (t) => {
      for (const image of await machine.looking.missingImages({ version })) await machine.joining.pullImage(image)
      t.same(await machine.looking.missingImages({ version }), [])
    })

    await t.test('without a join leaving etcd succeeds, and so does starting none', async (t) => {
      t.equal(await leave(), undefined)
      await machine.etcd.startEtcd(address)
      t.same(await machine.looking.joinState(), noJoin)
    })

    await t.test('a join that is killed before etcd adds no member, and keeps no key after a reset', async (t) => {
      await kill('[control-plane] Creating static Pod manifest')
      t.equal((await opened.etcdMembers()).length, 1)
      t.same(await machine.looking.keysInTheWay({ ...keys, 'ca.key': 'another' }), [key], 'the keys were placed')
      t.same(await machine.looking.keysInTheWay(keys), [], 'and are no obstacle to themselves')
      await machine.joining.closeJoin()
      t.equal(await leave(), undefined)
      await takeBack(t)
      t.same(await machine.looking.keysInTheWay({ ...keys, 'ca.key': 'another' }), [])
    })

    for (const [when, line] of Object.entries({
      'when its member was added': '[etcd] Announced new etcd member',
      'when its etcd was about to run': '[etcd] Creating static Pod manifest'
    })) {
      await t.test(`a join that is killed ${when} leaves etcd, also a second time`, async (t) => {
        await kill(line)
        t.equal((await opened.etcdMembers()).length, 2)
        await machine.joining.closeJoin()
        await untilOut()
        t.match(await opened.etcdMembers(), [{ name: /./, isLearner: false }])
        t.equal(await leave(), undefined)
        await takeBack(t)
      })
    }

    await t.test(
      'a power cut takes the vote that etcd needs, which is given back before the member goes',
      async (t) => {
        await kill('[etcd] Waiting for the new etcd member')
        await comesTo('it has a vote', async () => {
          const members = await opened.etcdMembers().catch(() => [])
          return members.filter(({ isLearner }) => !isLearner).length === 2
        })
        // without its credential the kubelet does not start at boot, and so neither does etcd
        await machine.joining.closeJoin()
        await opened.reboot()
        await t.rejects(leave(), /etcd/)
        await machine.etcd.startEtcd(address)
        await untilOut()
        t.match(await opened.etcdMembers(), [{ isLearner: false }])
        await takeBack(t)
      }
    )

    await t.test('an undisturbed join prints its stages in order and is a member of etcd', async (t) => {
      attempt += 1
      await machine.joining.startJoin(await opened.certificate(attempt), options)
      const joined = await joinToEnd(opened)
      t.match(joined, { unit: 'succeeded', bootstrapConf: false, kubeletConf: true, certificate: { serial: String } })
      const printed = stages(joined.output)
      const places = marks.map((mark) => printed.findIndex((line) => mark.test(line)))
      t.notOk(places.includes(-1), printed.join('\n'))
      t.same(
        places,
        [...places].sort((one, other) => one - other)
      )
      t.notMatch(joined.output.join('\n'), /PRIVATE KEY|client-key-data/, 'no secret in the output')
      t.match(
        (await opened.etcdMembers()).map(({ isLearner }) => isLearner),
        [false, false]
      )
    })

    await t.test('the member of a machine that is given up can be removed too', async (t) => {
      t.equal(await leave(), undefined)
      t.equal((await opened.etcdMembers()).length, 1)
    })
  })
