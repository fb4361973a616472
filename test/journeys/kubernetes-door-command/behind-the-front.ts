import type { Terminal } from '@joinery/cli/testing/terminal'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import type { FakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { runWith } from '@joinery/testing/command/operators'
import { type Front, kubernetesFront } from '@joinery/testing/front/kubernetes-front'
import { type DoorPairing, openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { enrolled } from '@joinery/testing/pairing/steps'
import type { Test } from 'tap'

export interface BehindFront<P extends Pairing = Pairing> {
  pairing: P
  front: Front
  /** Runs the command over the front as this user, whose KUBECONFIG names it. */
  joineryAs(user: string, words: readonly string[], terminal?: Partial<Terminal>): Promise<Ran>
  joinery(...words: string[]): Promise<Ran>
  /** Lets a machine wait, and returns what its approval covers. */
  waiting(name: string): Promise<{ id: string; words: string[] }>
}

type Ran = Awaited<ReturnType<typeof runWith>>

/** A server that reads Decisions, and the command before its cluster. */
export const openBehindFront = async (t: Test): Promise<BehindFront<DoorPairing>> =>
  behindFront(t, await openDoorPairing(t))

/** A server that reads no Decision, as one that is off. */
export const openBehindFrontWithoutReader = async (t: Test): Promise<BehindFront> =>
  behindFront(t, await openPairing(t))

const behindFront = async <P extends Pairing>(t: Test, pairing: P): Promise<BehindFront<P>> => {
  const front = await kubernetesFront(t, pairing.cluster, pairing.config.state)
  await eventually('the Installation', async () => pairing.cluster.views.statuses('installations').size > 0)
  const joineryAs: BehindFront['joineryAs'] = (user, words, terminal = {}) =>
    runWith([...words], {
      kubeconfig: front.kubeconfig(user),
      pin: pairing.pin,
      now: () => new Date(),
      // the server needs milliseconds for what it is asked
      pause: shortSleep(2),
      ...terminal
    })
  return {
    pairing,
    front,
    joineryAs,
    joinery: (...words) => joineryAs('alice', words),
    waiting: async (name) => {
      await enrolled(pairing, name)
      const { id, revision, key } = await pairing.operator.show(name)
      await viewed(pairing.cluster, id)
      return { id, words: ['approve', name, '--revision', `${revision}`, '--key', key] }
    }
  }
}

/** Waits until the cluster shows the enrolment. */
export const viewed = ({ views }: FakeCluster, id: string): Promise<true> =>
  eventually(`the view of ${id}`, async () => views.statuses('enrolments').has(id) || undefined)

/** Requests that made something. */
export const written = ({ requests }: Front): string[] =>
  requests.flatMap(({ line }) => (/^(POST|DELETE) .*joinery\.dev/.test(line) ? [line] : []))
