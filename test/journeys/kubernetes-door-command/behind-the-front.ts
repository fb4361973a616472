import { setImmediate } from 'node:timers/promises'
import type { Terminal } from '@joinery/cli/testing/terminal'
import type { CodeStatusView, InstallationView } from '@joinery/protocol/door'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import type { FakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { runWith } from '@joinery/testing/command/operators'
import { atPresent, type Front, kubernetesFront } from '@joinery/testing/front/kubernetes-front'
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
  /** Cuts the server off from the cluster: what the cluster shows is what the test writes from now on. */
  cutOff(): Promise<void>
  /** The Installation as the cluster shows it. */
  installation(): InstallationView
  /** Shows another Installation. */
  install(installation: object): void
  /** Gives each new Code this status, in place of a server that reads Codes. */
  answerCodes(status: CodeStatusView): void
}

type Ran = Awaited<ReturnType<typeof runWith>>

/** A server that reads Decisions and Codes, and the command before its cluster. */
export const openBehindFront = async (
  t: Test,
  config: Parameters<typeof openPairing>[1] = {}
): Promise<BehindFront<DoorPairing>> => behindFront(t, await openDoorPairing(t, atPresent, { config }))

/** A server that reads no Decision and no Code, as one that is off. */
export const openBehindFrontWithoutReader = async (t: Test): Promise<BehindFront> =>
  behindFront(t, await openPairing(t, {}, atPresent))

const behindFront = async <P extends Pairing>(t: Test, pairing: P): Promise<BehindFront<P>> => {
  const { cluster } = pairing
  const front = await kubernetesFront(t, cluster)
  const installation = () => cluster.views.statuses('installations').get('joinery') as InstallationView
  await eventually('the Installation', installation)
  const joineryAs: BehindFront['joineryAs'] = async (user, words, terminal = {}) =>
    runWith([...words], {
      kubeconfig: await front.kubeconfig(user),
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
      await viewed(cluster, id)
      return { id, words: ['approve', name, '--revision', `${revision}`, '--key', key] }
    },
    cutOff: async () => {
      cluster.overload({ status: 503, message: 'the test has cut it off' })
      // what was on its way arrives
      await setImmediate()
      await setImmediate()
    },
    installation,
    install: (status) => cluster.views.editAsAdmin('installations', 'joinery', status),
    answerCodes: (status) => {
      cluster.fake.objects.follow(async ({ type, resource, object }) => {
        if (type !== 'ADDED' || resource !== 'codes.joinery.dev') return
        await setImmediate()
        cluster.codes.editStatus(object.metadata.name, status)
      })
    }
  }
}

/** Waits until the cluster shows the enrolment. */
export const viewed = ({ views }: FakeCluster, id: string): Promise<true> =>
  eventually(`the view of ${id}`, async () => views.statuses('enrolments').has(id) || undefined)

/** Requests that made something. */
export const written = ({ requests }: Front): string[] =>
  requests.flatMap(({ line }) => (/^(POST|DELETE) .*joinery\.dev/.test(line) ? [line] : []))
