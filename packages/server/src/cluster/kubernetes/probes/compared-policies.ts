import type { Connection } from '@joinery/kube'
import { differences, type Manifest, read, refusalMessage } from '@joinery/kube'
import { manifests } from '@joinery/kube/manifests'
import type { Policy } from '@joinery/kube/names'
import type { ServerRights } from '../../cluster.ts'

const what: Record<string, string> = {
  ValidatingAdmissionPolicy: 'the policy',
  ValidatingAdmissionPolicyBinding: 'the binding of'
}

/** Where policy and binding are not as this version makes them; a right to read them that is missing is a gap too. */
export const comparedGaps = async (api: Connection, policy: Policy, rights: ServerRights): Promise<string[]> => {
  const { credential, serving } = rights
  const wanted = objectsOf(policy, credential, serving)
  // a server that was set otherwise and not set up anew is held all the same
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
