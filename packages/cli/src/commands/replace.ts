import { CommandEnd } from '@joinery/host/command-end'
import { carriedOver, escapeText, isControlPlane, next } from '@joinery/protocol'
import { type Agreement, isAgreed, requireAgreement } from '../consent/agreement.ts'
import { requireName } from '../consent/require-name.ts'
import { isAlone, needsRoot } from '../control-plane/needs-root.ts'
import { canGrantHere, grantHere } from '../grant/grant-here.ts'
import { approveWhenFree, formerOf } from '../node/approve-when-free.ts'
import { type DrainOptions, drain } from '../node/drain.ts'
import { printEvicted } from '../node/evicted-pods.ts'
import type { SeenEnrolment, SeenEnrolmentDetail } from '../operator-client.ts'
import { describeNode } from '../output/describe-node.ts'
import { labelAndTaintWords } from '../output/enrolment/labels-and-taints.ts'
import { requireHost } from '../session/require-host.ts'
import type { Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'

type Options = DrainOptions & Agreement

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
  const tellWait = (why: string): void =>
    terminal.err(`${escapeText(why)}; waiting until Kubernetes has taken the Pods away\n`)
  const approved = await approveWhenFree(shown, uid, { client, pause: terminal.pause, tellWait })
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
  const former = formerOf(shown, all)
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
