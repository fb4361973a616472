import { hasJoined, type NameHolder } from '@joinery/protocol'
import { needsRoot } from '../control-plane/needs-root.ts'
import { drain } from '../node/drain.ts'
import type { OperatorClient, SeenEnrolment, SeenEnrolmentDetail } from '../operator-client.ts'
import { lookOf } from '../session/dry-run.ts'
import { ProblemAnswer } from '../terminal/errors.ts'
import type { Kubectl } from '../terminal/kubectl.ts'
import type { ConsoleApi, Shown } from './contract.ts'
import { problemFrom, Refused, refusal } from './problem.ts'

/** Longest time for the eviction of the Pods, in seconds. */
const drainTimeout = 300

export interface DecisionsParts {
  client: OperatorClient
  /** The way to run kubectl, which evicts Pods with the operator's own rights. */
  here: Kubectl
}

type Decisions = Pick<ConsoleApi, 'approve' | 'reject' | 'release' | 'retry' | 'remove'>

/**
 * The verbs of the page. Each is about exactly what was on the screen: it looks again first, and refuses if revision or key are other
 * ones now. The door judges the revision once more, if it is not an older server's.
 */
export const decisions = ({ client, here }: DecisionsParts): Decisions => ({
  approve: async ({ id, revision, key }) => {
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
    return client.reject(id, { reason }, lookOf(shown))
  },
  release: async ({ id, keep, ...shown }) => {
    requireShown({ id, ...shown }, await client.show(id))
    return client.release(id, { key: keep })
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
    return client.remove(id, lookOf(shown))
  }
})

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
    if (!(error instanceof ProblemAnswer) || error.code !== 'revision-changed') throw error
    const now = await client.show(id).catch(() => undefined)
    throw new Refused(problemFrom(error, now))
  }
}

/** Throws for a control plane: its etcd member goes first, which only root on the host of another one can see to. */
const requireWorker = (now: SeenEnrolmentDetail, holder: NameHolder): void => {
  if (!needsRoot(now, holder)) return
  throw refusal('not-allowed', {
    detail: `${now.name} is a control plane: its etcd member must go first`,
    remedy: `as root on the host of another control plane: joinery remove ${now.name}`
  })
}
