import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { runWith } from '@joinery/testing/command/operators'
import { atPresent, kubernetesFront } from '@joinery/testing/front/kubernetes-front'
import { type DoorPairing, openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { enrolled, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'
import { type CommandWorld, commandContract } from '../../contract/command-contract.ts'

/** One door to a server of its own, whose machines are played. */
const worldOf = (pairing: DoorPairing, door: readonly string[]): CommandWorld => {
  const machines = new Map<string, TestMachine>()
  return {
    way: door,
    prefix: 'worker',
    address: /127\.0\.0\.1/,
    hasPackage: false,
    joinery: (...words) =>
      runWith([...door, ...words], {
        pin: pairing.pin,
        now: () => new Date(),
        // the server needs milliseconds for what it is asked
        pause: shortSleep(5)
      }),
    enrol: async (name, labels) => void machines.set(name, await enrolled(pairing, name, labels && { labels })),
    join: async (name) => {
      const machine = machines.get(name)
      if (machine === undefined) throw new Error(`no machine ${name}`)
      const { csr, key } = await withApprovedCsr(pairing, machine, name)
      await register(pairing, machine, name, csr, key)
      await pairing.cluster.setNodeReady(name, 'True', 'KubeletReady', 'kubelet is posting ready status')
      await pairing.reconcile()
    },
    rebuild: async (name) => void machines.set(name, await enrolled(pairing, name))
  }
}

const viewsFollow = async ({ cluster, operator }: DoorPairing): Promise<void> => {
  // a view follows its enrolment a moment later
  const { items } = await operator.list()
  await eventually('the views follow', () => {
    const views = cluster.views.statuses('enrolments')
    const follow = items.every(({ id, revision, state }) => {
      const view = views.get(id) as { revision?: number; state?: string } | undefined
      return view?.revision === revision && view.state === state
    })
    return follow && cluster.views.statuses('installations').size > 0
  })
}

t.test('over the socket', async (t: Test) => {
  const pairing = await openDoorPairing(t)
  commandContract(t, 'socket', worldOf(pairing, ['--socket', pairing.config.operators.socket]))
})

t.test('over the cluster', async (t: Test) => {
  const pairing = await openDoorPairing(t, atPresent)
  const front = await kubernetesFront(t, pairing.cluster)
  const world = worldOf(pairing, ['--kubeconfig', await front.kubeconfig()])
  const followed =
    <T extends unknown[]>(work: (...given: T) => Promise<void>) =>
    async (...given: T) => {
      await work(...given)
      await viewsFollow(pairing)
    }
  const { join = async () => {}, rebuild = async () => {} } = world
  commandContract(t, 'cluster', {
    ...world,
    enrol: followed(world.enrol),
    join: followed(join),
    rebuild: followed(rebuild)
  })
})
