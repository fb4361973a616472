import { isDeepStrictEqual } from 'node:util'
import {
  carriedOver,
  type Enrolment,
  type EnrolmentDetail,
  escapeText,
  isControlPlane,
  type NameHolder,
  next
} from '@joinery/protocol'
import type { OperatorClient } from './client.ts'
import { type DrainOptions, drain } from './drain.ts'
import { CommandError, exitCodes, ProblemAnswer } from './errors.ts'
import { printEvicted } from './output/evicted-pods.ts'
import { evidence } from './output/evidence.ts'
import { labelAndTaintWords } from './output/labels-and-taints.ts'
import { requireName } from './require-name.ts'
import type { Session } from './session.ts'
import type { Terminal } from './terminal.ts'
import { age } from './times.ts'

type Options = DrainOptions & { yes?: true }

/** Between two looks whether the name is free, in milliseconds, and how many there are: Kubernetes takes a minute or two. */
const pause = 2_000
const looks = 90

/** Approves a machine in place of the Node that has its name, after showing that one, asking, and a drain. */
export const replace = async (reference: string, options: Options, session: Session): Promise<Enrolment> => {
  const { client, terminal } = session
  const shown = await client.show(await pendingId(reference, client))
  terminal.err(`${evidence(shown)}\n`)
  const holder = await client.holder(shown.id)
  const { name, id } = shown
  if (holder.node === undefined) return approveWhenFree(shown, undefined, session)
  // which the server refuses: nothing is drained for that
  if (isControlPlane(holder.node)) return approveWhenFree(shown, holder.node.uid, session)
  const drains = options.drain
  terminal.err(`${describeNode(name, holder.node, terminal.now())}\n`)
  printEvicted(holder, drains, terminal)
  const warning = `${name} is approved in its place: it is deleted, and its machine stays out`
  if (!options.yes) await requireName({ warning, name, verb: 'replace' }, terminal)
  if (drains) await drain(name, options, `joinery approve ${id} --replace --no-drain`, terminal)
  return approveWhenFree(shown, holder.node.uid, session)
}

/** The name is that of the Node's enrolment too: meant is the one that can be approved. */
const pendingId = async (reference: string, client: OperatorClient): Promise<string> => {
  const { items } = await client.list()
  const pending = items.filter(({ name, state }) => name === reference && next(state, 'approve') !== undefined)
  return pending.length === 1 && pending[0] !== undefined ? pending[0].id : reference
}

const describeNode = (name: string, node: NonNullable<NameHolder['node']>, now: Date): string => {
  const { condition, message, created } = node
  const over = labelAndTaintWords(carriedOver(node))
  const state = message === '' ? condition : `${condition}, ${message}`
  return escapeText(`Node ${name}: ${state}, age ${age(created, now)}${over && `; to the new one go over: ${over}`}`)
}

/** The Pods of a Node that is gone go a while after it. */
const approveWhenFree = async (
  shown: EnrolmentDetail,
  uid: string | undefined,
  { client, terminal }: Session
): Promise<Enrolment> => {
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

/** The server itself writes what goes over, and the machine looks at itself again: neither is another machine. */
const requireSame = (shown: EnrolmentDetail, seen: EnrolmentDetail): void => {
  const machine = ({ name, key, joinKey, address, facts }: EnrolmentDetail) => ({ name, key, joinKey, address, facts })
  if (isDeepStrictEqual(machine(shown), machine(seen))) return
  throw new CommandError(
    exitCodes.conflict,
    `the evidence of ${shown.name} has changed since it was shown`,
    `look again: joinery show ${shown.id}`
  )
}
