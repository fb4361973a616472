import { type ClaimRequest, type Credential, ProblemError, type Taints } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Random } from '../../base/random.ts'
import type { Bans } from '../../credentials/bans.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import { newTokenId } from '../../credentials/derive.ts'
import { kindOf } from '../../credentials/kinds.ts'
import { wantedTaints } from '../../enrolment/decision/gates.ts'
import { decideClaim } from '../../enrolment/verbs/claim.ts'
import { sealedFor } from '../../enrolment/verbs/grant.ts'
import type { Cluster } from '../../ports/cluster/cluster.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { type Claim, type GuardParts, guards } from './claim-guards.ts'
import { deciding } from './deciding.ts'
import { type Caller, type SeeParts, see } from './sighting.ts'

export interface ClaimParts extends GuardParts, SeeParts {
  cluster: Cluster
  random: Random
  credentials: Pick<Credentials, 'give' | 'masterKey'>
  bans: Pick<Bans, 'lift'>
  /** Makes the reconciler look at the cluster now. */
  nudge: () => void
}

/** Gives the credential of the present attempt. Its id in the cluster is committed before it is made there. */
export const claim =
  (parts: ClaimParts) =>
  async (caller: Caller, { request, preflight }: ClaimRequest = {}): Promise<Credential> => {
    const { cluster, random, enrolments, credentials, bans, joins, nudge } = parts
    const seen = await see(parts, caller)
    const kind = kindOf(seen)
    const asked: Claim = {
      seen,
      preflight,
      approved: once(() => kind.precheck(request, seen)),
      endpoint: once(() => cluster.endpoint())
    }
    for (const guard of guards) await guard(asked, parts)
    const tokenId = newTokenId(random.bytes)
    const opened = deciding((current, now) =>
      decideClaim(
        current,
        { tokenId, masterKey: credentials.masterKey, preflight, clusterNow: cluster.now(), joinsAtMost: joins.bound },
        now
      )
    )
    const changed = enrolments.change(seen.id, opened.decide).catch(async (error) => {
      throw error instanceof ProblemError && error.code === 'joins-full' ? await joins.missed(seen) : error
    })
    const sealed = sealedFor(await changed)
    const give = async () => {
      // only once the claim stands, and at each repetition: what lifts a ban is an open attempt
      const lift = bans.lift(seen)
      const made = asked.approved().then((request) => credentials.give(kind, seen.id, { request }))
      await Promise.allSettled([lift, made])
      // the machine gets nothing before both are done
      await lift
      return made
    }
    const { attempt, ...secret } = await give().finally(() => {
      if (opened.decided) nudge()
    })
    const { name: nodeName } = seen
    const forOneAttempt = { attempt: attempt.number, nodeName, ...(await asked.endpoint()), expires: attempt.deadline }
    return {
      ...forOneAttempt,
      ...secret,
      ...given({ taints: registersWith(seen), sealed })
    }
  }

/**
 * Taints that the kubelet registers its Node with. Without gates, a control plane gets the taints of its code when its Node is there:
 * earlier agents know no others for it. The startup taint must be there from the first moment, and they come with it. An agent that
 * leaves them out for a control plane gets them when its Node is there as well.
 */
const registersWith = (enrolment: EnrolmentDocument): Taints | undefined => {
  const { role, readyWhen } = enrolment
  const taints = wantedTaints(enrolment)
  return taints.length === 0 || (role === 'control-plane' && readyWhen === undefined) ? undefined : taints
}

/** Wraps `ask` so that it is asked when its answer is first needed, and not again. */
const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= ask()
    return answer
  }
}
