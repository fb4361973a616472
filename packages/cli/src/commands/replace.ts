import { isDeepStrictEqual } from 'node:util'
import { CommandEnd } from '@joinery/host/command-end'
import { carriedOver, escapeText, hasClaimed, isControlPlane, next } from '@joinery/protocol'
import { type Agreement, isAgreed, requireAgreement } from '../consent/agreement.ts'
import { requireName } from '../consent/require-name.ts'
import { isAlone, needsRoot } from '../control-plane/needs-root.ts'
import { canGrantHere, grantHere } from '../grant/grant-here.ts'
import { type DrainOptions, drain } from '../node/drain.ts'
import { printEvicted } from '../node/evicted-pods.ts'
import type { OperatorClient, SeenEnrolment, SeenEnrolmentDetail } from '../operator-client.ts'
import { describeNode } from '../output/describe-node.ts'
import { labelAndTaintWords } from '../output/enrolment/labels-and-taints.ts'
import { requireHost } from '../session/require-host.ts'
import type { Session } from '../session/session.ts'
import { exitCodes, ProblemAnswer } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

type Options = DrainOptions & Agreement

/**
 * Milliseconds between two looks whether the name is free, and the number of looks. Kubernetes takes a minute or two.
 */
const pause = 2_000
const looks = 90

/** Approves a machine in place of the Node that has its name, after showing that one, asking, and a drain. */
export const replace = async (reference: string, options: Options, session: Session): Promise<SeenEnrolment> => {
  const { client, terminal } = session
  const called = await client.list({ name: reference })
  const shown = await client.show(pendingId(reference, called.items))
  // the reference may be an id
  const { items } = shown.name === reference ? called : await client.list({ name: shown.name })
  const grants = !isAgreed(options) && (await canGrantHere(shown, session))
  await requireAgreement(shown, { verb: 'approve', done: 'approved', reference, given: options, grants }, terminal)
  const uid = await makeRoom(shown, items, options, session)
  const approved = await approveWhenFree(shown, uid, session)
  return grants ? grantHere(shown, session) : approved
}

/** Id of the pending enrolment. The Node's own enrolment has the same name, but cannot be approved. */
const pendingId = (reference: string, all: readonly SeenEnrolment[]): string => {
  const pending = all.filter(({ name, state }) => name === reference && next(state, 'approve') !== undefined)
  return pending.length === 1 && pending[0] !== undefined ? pending[0].id : reference
}

/** Takes the old Node away as far as a person may. Returns the uid of the Node that the server must delete, if any. */
const makeRoom = async (
  shown: SeenEnrolmentDetail,
  all: readonly SeenEnrolment[],
  options: Options,
  session: Session
): Promise<string | undefined> => {
  const { client, terminal } = session
  const { name, id } = shown
  const holder = await client.holder(id)
  const command = `joinery approve ${id} --replace`
  const warning = `${name} is approved in its place: it is deleted, and its machine stays out`
  const leave = { warning, name, verb: 'replace', holder, command }
  const former = all.find(
    (other) => other.id !== id && other.name === name && next(other.state, 'remove') && hasClaimed(other)
  )
  if (former !== undefined && needsRoot(former, holder) && isAlone(former, all)) {
    requireHost(client, {
      what: `take the control plane ${name} away`,
      command,
      host: 'on the host of another control plane, which is also the host of the pairing server'
    })
    requireApprovable(shown)
    const { takeAwayControlPlane } = await import('../control-plane/take-away.ts')
    await takeAwayControlPlane(former, leave, options, session)
    await client.remove(former.id)
    return undefined
  }
  const { node } = holder
  // the server refuses it for a control plane that joined by hand: nothing is drained for that
  if (node === undefined || isControlPlane(node)) return node?.uid
  const drains = options.drain
  const over = labelAndTaintWords(carriedOver(node))
  const more = over && `the new Node gets: ${over}`
  terminal.err(`${describeNode(name, node, terminal.now(), more)}\n`)
  printEvicted(holder, drains, terminal)
  if (!options.yes) await requireName(leave, terminal)
  if (drains) await drain(name, options, `${command} --no-drain`, session)
  return node.uid
}

/** Throws if the enrolment cannot be approved, so that the old Node does not go for nothing. */
const requireApprovable = ({ id, name, state }: SeenEnrolmentDetail): void => {
  if (next(state, 'approve') !== undefined) return
  throw new CommandEnd(exitCodes.conflict, `approve is not possible: the enrolment ${id} of ${name} is ${state}`)
}

/** Approves once the name is free. The Pods of a deleted Node go a while after it. */
const approveWhenFree = async (
  shown: SeenEnrolmentDetail,
  uid: string | undefined,
  { client, terminal }: Session
): Promise<SeenEnrolment> => {
  const { id, key } = shown
  let { revision } = shown
  for (let look = 1; ; look += 1) {
    try {
      return await client.approve(id, { revision, key, ...(uid !== undefined && { replace: { uid } }) })
    } catch (error) {
      if (look === looks || !(await onlyPodsAreLeft(error, id, client))) throw error
      if (look === 1) tellWait(error, terminal)
    }
    await terminal.pause(pause)
    const seen = await client.show(id)
    requireSame(shown, seen)
    revision = seen.revision
  }
}

const onlyPodsAreLeft = async (error: unknown, id: string, client: OperatorClient): Promise<boolean> => {
  if (!(error instanceof ProblemAnswer) || error.code !== 'name-in-use') return false
  const { node, pods } = await client.holder(id)
  return node === undefined && pods.length > 0
}

const tellWait = (error: unknown, { err }: Terminal): void =>
  err(`${escapeText((error as Error).message)}; waiting until Kubernetes has taken the Pods away\n`)

/**
 * Throws if the evidence has changed since it was shown. The revision does not count: the server itself changes it when
 * it writes the labels and taints that go over.
 */
const requireSame = (shown: SeenEnrolmentDetail, seen: SeenEnrolmentDetail): void => {
  if (isDeepStrictEqual(evidenceOf(shown), evidenceOf(seen))) return
  throw new CommandEnd(
    exitCodes.conflict,
    `the evidence of ${shown.name} has changed since it was shown`,
    `look again: joinery show ${shown.id}`
  )
}

const evidenceOf = (enrolment: SeenEnrolmentDetail) => {
  const { name, role, credential, key, joinKey, sealKey, address, facts, preflight } = enrolment
  const { conflicts, conflictCount } = enrolment
  // a check may word its finding differently at each look
  const checks = preflight.map(({ name, verdict }) => ({ name, verdict }))
  return { name, role, credential, key, joinKey, sealKey, address, facts, conflicts, conflictCount, checks }
}
