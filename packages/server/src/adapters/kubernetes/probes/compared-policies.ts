import type { Connection } from '@joinery/kube'
import { differences, type Manifest, read, refusalMessage } from '@joinery/kube'
import { manifests } from '@joinery/kube/manifests'
import type { Policy } from '@joinery/kube/names'
import type { ServerRights } from '../../../core/ports/cluster/access-checks.ts'

const what: Record<string, string> = {
  ValidatingAdmissionPolicy: 'the policy',
  ValidatingAdmissionPolicyBinding: 'the binding of'
}

/**
 * Gaps between the policy and its binding in the cluster and those that this version makes. If the server lacks the
 * right to read them, that is a gap too.
 */
export const comparedGaps = async (api: Connection, policy: Policy, rights: ServerRights): Promise<string[]> => {
  const { credential, serving } = rights
  const wanted = objectsOf(policy, credential, serving)
  // the cluster may be set up for the other value of `serving`: those policies bound the server all the same
  const others = objectsOf(policy, credential, !serving)
  const gaps = await Promise.all(
    wanted.map(async (manifest, index) => {
      const name = `${what[manifest.kind]} ${policy}`
      try {
        const live = (await read(api, manifest)) as Manifest | undefined
        if (live === undefined) return [`${name} is missing`]
        const changed = differences(manifest, live)
        const asOther = differences(others[index] ?? manifest, live)
        return changed.length === 0 || asOther.length === 0 ? [] : [`${name} was changed: ${changed.join(', ')}`]
      } catch (error) {
        const refusal = refusalMessage(error)
        if (refusal === undefined) throw error
        return [`${name} cannot be read: ${refusal}`]
      }
    })
  )
  return gaps.flat()
}

const objectsOf = (policy: Policy, credential: ServerRights['credential'], serving: boolean): Manifest[] =>
  manifests({ credential, kubeProxy: false, serving }).filter(
    ({ kind, metadata }) => metadata.name === policy && kind in what
  )
