import { serverUsername } from '@joinery/kube/names'
import { awaitsApproval, type EnrolmentDetail, isLive, type State } from '@joinery/protocol'
import type { Test } from 'tap'
import { eventually } from '../clocks/eventually.ts'
import type { Pairing } from '../pairing/pairing.ts'
import { approve } from '../pairing/steps.ts'
import type { AgentMachine } from './agents.ts'
import { insist } from './insist.ts'

/** Waits until the agent says something like that in the place that an administrator of the machine reads. */
export const says = ({ said }: AgentMachine, text: RegExp): Promise<true> =>
  eventually(`it says ${text}`, () => said.some((line) => text.test(line)))

/** Waits until the enrolment is in this state. Returns it. */
export const reaches = (pairing: Pairing, reference: string, state: State): Promise<EnrolmentDetail> =>
  eventually(`${reference} is ${state}`, async () => {
    const enrolment = await pairing.operator.show(reference).catch(() => undefined)
    return enrolment?.state === state && enrolment
  })

/**
 * Waits until the machine waits for an approval. Returns the enrolment. Before that, each report of the machine makes
 * another revision.
 */
export const waitsPending = (pairing: Pairing, { name, waits }: AgentMachine): Promise<EnrolmentDetail> =>
  eventually(`${name} waits for its approval`, async () => {
    const enrolment = waits() && (await pairing.operator.show(name).catch(() => undefined))
    return enrolment && awaitsApproval(enrolment) && enrolment
  })

/** Approves the machine as soon as it waits for that. Returns the enrolment that was shown. */
export const approvePending = async (pairing: Pairing, open: AgentMachine): Promise<EnrolmentDetail> => {
  const { name } = open
  const pending = await waitsPending(pairing, open)
  await insist(`${name} is approved`, () => approve(pairing, name))
  return pending
}

/** Waits until the cluster has no token. An operator sees how an attempt ended a moment before its token is gone. */
export const noTokenIsLeft = ({ cluster }: Pairing): Promise<true> =>
  eventually('no token is left', async () => (await cluster.tokens()).length === 0)

/** Asserts everything that must hold once a machine is Ready and its agent has ended. */
export const assertJoined = async (t: Test, pairing: Pairing, open: AgentMachine, attempts = 1): Promise<void> => {
  const { operator, cluster } = pairing
  const enrolment = await reaches(pairing, open.name, 'ready')
  t.match(enrolment, { confirmed: true, node: { condition: 'Ready' } })
  t.equal(enrolment.attempts.length, attempts, 'no attempt more than was needed')
  const { items } = await operator.list()
  t.equal(items.filter((one) => one.name === open.name && isLive(one)).length, 1, 'one enrolment')
  // what gave the machine its credential is deleted a moment after the machine is seen to be ready
  const isGone = async (names: readonly string[]) => (await notOfOthers(pairing, enrolment.id, names)).length === 0
  await eventually('no token is left', async () => isGone(await cluster.tokens()))
  await eventually('no CSR of the server is left', async () => {
    const csrs = await cluster.kubeletCsrs()
    return isGone(csrs.flatMap(({ username, name }) => (username === serverUsername ? name : [])))
  })
  // the server knows it before the journal does
  const written = async () => ((await open.journal()).accepted ? open.journal() : undefined)
  const { joined, ...journal } = await eventually('it is journalled', written)
  t.same(journal, { accepted: true })
  t.match(joined, { nodeName: open.name, certificate: (await open.machine.looking.joinState()).certificate })
  for (const path of secretFiles) t.notOk(await open.has(path), `no ${path}`)
}

/** The names of tokens and CSRs without those of other enrolments: another machine may be joining. */
const notOfOthers = async ({ operator }: Pairing, own: string, names: readonly string[]): Promise<string[]> => {
  // an attempt is committed before its credential is made, so it is known by now
  const { items } = await operator.list()
  const others = await Promise.all(items.flatMap(({ id }) => (id === own ? [] : operator.show(id))))
  const theirs = others.flatMap(({ attempts }) =>
    attempts.flatMap(({ tokenId, credentialCsr }) => [tokenId, credentialCsr])
  )
  return names.filter((name) => !theirs.includes(name))
}

const secretFiles = [
  '/etc/joinery/code',
  '/run/joinery-agent/discovery.conf',
  '/run/joinery-agent/join.yaml',
  '/etc/kubernetes/bootstrap-kubelet.conf',
  '/var/lib/joinery-agent/join-key.json'
]
