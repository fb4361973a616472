import type { CommandEnd } from '@joinery/host/command-end'
import { hasJoined, type NameHolder, next } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { needsRoot } from '../control-plane/needs-root.ts'
import { approveWhenFree, EvidenceChanged } from '../node/approve-when-free.ts'
import { drain } from '../node/drain.ts'
import type { OperatorClient, SeenEnrolment, SeenEnrolmentDetail } from '../operator-client.ts'
import { lookOf } from '../session/dry-run.ts'
import { ProblemAnswer } from '../terminal/errors.ts'
import type { Kubectl } from '../terminal/kubectl.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { ConsoleApi, Holder, ReplaceBody, Shown } from './contract.ts'
import { readHolder } from './holder.ts'
import { refusal } from './problem.ts'

/** Longest time for the eviction of the Pods, in seconds. */
const drainTimeout = 300

export interface DecisionsParts extends Pick<Terminal, 'pause'> {
  client: OperatorClient
  /** The way to run kubectl, which evicts Pods with the operator's own rights. */
  here: Kubectl
}

type Decisions = Pick<ConsoleApi, 'approve' | 'reject' | 'release' | 'retry' | 'remove'>

/**
 * The verbs of the page. Each is about exactly what was on the screen: it looks again first, and refuses if revision or key are other
 * ones now. The door judges the revision once more, if it is not an older server's.
 */
export const decisions = ({ client, here, pause }: DecisionsParts): Decisions => ({
  approve: async ({ id, revision, key, replace }) => {
    if (replace !== undefined) return replaceWith({ id, revision, key }, replace, { client, here, pause })
    const now = await client.show(id)
    // the same approval again changes nothing
    const isAgain = now.approved?.revision === revision && now.approved.key === key
    if (!isAgain) requireShown({ id, revision, key }, now)
    return withNow(client, id, () => client.approve(id, { revision, key }))
  },
  retry: async ({ id, revision, key }) => {
    requireShown({ id, revision, key }, await client.show(id))
    return withNow(client, id, () => client.retry(id, { revision, key }))
  },
  reject: async ({ id, reason, ...shown }) => {
    requireShown({ id, ...shown }, await client.show(id))
    return withNow(client, id, () => client.reject(id, { reason }, lookOf(shown)))
  },
  release: async ({ id, keep, ...shown }) => {
    requireShown({ id, ...shown }, await client.show(id))
    return withNow(client, id, () => client.release(id, { key: keep }, lookOf(shown)))
  },
  remove: async ({ id, drain: drains = true, ...shown }) => {
    const now = await client.show(id)
    requireShown({ id, ...shown }, now)
    const holder = await client.holder(id)
    requireWorker(now, holder)
    if (drains && hasJoined(now) && holder.node !== undefined) {
      await drain(now.name, { drain: true, drainTimeout }, 'remove it without a drain', here)
      // minutes may have passed; a Node that is no longer Ready changes no revision
      requireShown({ id, ...shown }, await client.show(id))
    }
    return withNow(client, id, () => client.remove(id, lookOf(shown)))
  }
})

/** Makes room for the machine, and approves it once its name is free. Nothing goes unless everything is as it was on the screen. */
const replaceWith = async (
  shown: Shown,
  replace: ReplaceBody,
  { client, here, pause }: DecisionsParts
): Promise<SeenEnrolment> => {
  const { id } = shown
  const now = await client.show(id)
  requireShown(shown, now)
  requireApprovable(now)
  const holder = await readHolder(client, id)
  requireSameHolder(now, replace, holder)
  if (holder.onlyRoot !== undefined) {
    throw refusal('not-allowed', { detail: `only root can make room for ${now.name}`, remedy: holder.onlyRoot })
  }
  if (replace.drain !== false && holder.node !== undefined) {
    await drain(now.name, { drain: true, drainTimeout }, 'replace it without a drain', here)
    // minutes may have passed
    requireShown(shown, await client.show(id))
    requireSameHolder(now, replace, await readHolder(client, id))
  }
  const tellWait = (): void => {}
  return withNow(client, id, () => approveWhenFree(now, replace.uid, { client, pause, tellWait }))
}

/** Throws if the enrolment cannot be approved, so that the old Node does not go for nothing. */
const requireApprovable = ({ name, state }: SeenEnrolmentDetail): void => {
  if (next(state, 'approve') !== undefined) return
  throw refusal('illegal-event', { detail: `approve is not possible: the enrolment of ${name} is ${state}` })
}

/** Throws if the name has another holder than was on the screen. A holder that is gone by now is in nobody's way. */
const requireSameHolder = (now: SeenEnrolmentDetail, shown: ReplaceBody, { node, former }: Holder): void => {
  const isSameNode = node === undefined || node.uid === shown.uid
  const isSameFormer = former === undefined || (former.id === shown.former?.id && former.key === shown.former?.key)
  if (isSameNode && isSameFormer) return
  throw refusal('revision-changed', {
    detail: `${isSameNode ? 'another enrolment' : 'another Node'} has the name ${now.name} now`,
    remedy: 'look at what has the name, and decide again',
    now
  })
}

/** Throws `revision-changed`, with the enrolment as it is, if it is no longer what was on the screen. */
const requireShown = ({ revision, key }: Shown, now: SeenEnrolmentDetail): void => {
  if (now.revision === revision && now.key === key) return
  const what = now.key === key ? `it is at revision ${now.revision}, not ${revision}` : 'it has another key'
  throw refusal('revision-changed', {
    detail: `${now.name} has changed since it was shown: ${what}`,
    remedy: 'look at what has changed, and decide again',
    now
  })
}

/** Does `work`. If the door says that the revision has changed, the problem also has the enrolment as it is. */
const withNow = async (
  client: OperatorClient,
  id: string,
  work: () => Promise<SeenEnrolment>
): Promise<SeenEnrolment> => {
  try {
    return await work()
  } catch (error) {
    if (!isChanged(error)) throw error
    const now = await client.show(id).catch(() => undefined)
    const { message: detail, remedy } = error
    throw refusal('revision-changed', given({ detail, remedy, now }))
  }
}

/** True if the door, or a look while the name was not free yet, says that the evidence is no longer what was shown. */
const isChanged = (error: unknown): error is CommandEnd =>
  error instanceof EvidenceChanged || (error instanceof ProblemAnswer && error.code === 'revision-changed')

/** Throws for a control plane: its etcd member goes first, which only root on the host of another one can see to. */
const requireWorker = (now: SeenEnrolmentDetail, holder: NameHolder): void => {
  if (!needsRoot(now, holder)) return
  throw refusal('not-allowed', {
    detail: `${now.name} is a control plane: its etcd member must go first`,
    remedy: `on the host of another control plane: sudo joinery remove ${now.name}`
  })
}
