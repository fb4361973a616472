import { type Manifest, titleOf } from '../../../apply.ts'
import { setupRemedy } from '../../../connection.ts'
import { differences } from '../../../differences.ts'
import { earlierVersion, servesEarlier } from '../../../door/index.ts'
import { kubeProxyRole } from '../../../kube-proxy.ts'
import { type ClusterParts, manifests, outdated } from '../../../manifests/index.ts'
import type { Change } from '../../change.ts'
import type { ClusterSight } from '../../sight.ts'
import { type ClusterCheck, type Finding, listed, mendable, pass, skipped } from '../check.ts'

/** An object of Joinery: as this version makes it, and as it is in the cluster. */
export interface Compared {
  manifest: Manifest
  live: Manifest | undefined
}

export const joineryObjects: ClusterCheck = {
  name: 'joinery-objects',
  why: "the server's account has no more rights than it needs only as long as nobody changes its roles and admission policies",
  async run(sight) {
    const kubeProxy = (await sight.object(kubeProxyRole)) !== undefined
    const credential = (await hasAny(
      sight,
      outdated({ credential: 'certificate', serving: true, diagnosis: true, log: true })
    ))
      ? 'token'
      : 'certificate'
    const without = (part: 'serving' | 'diagnosis' | 'log'): Promise<boolean> =>
      hasAny(sight, outdated({ credential: 'token', serving: true, diagnosis: true, log: true, [part]: false }))
    const serving = await without('serving')
    const diagnosis = await without('diagnosis')
    const log = await without('log')
    const parts = { credential, serving, diagnosis, log } as const
    return judgeObjects(await compare(sight, manifests({ ...parts, kubeProxy })), parts)
  }
}

const compare = (sight: ClusterSight, objects: readonly Manifest[]): Promise<Compared[]> =>
  Promise.all(objects.map(async (manifest) => ({ manifest, live: await sight.object(manifest) })))

/**
 * True if any `optional` object is there: setup takes them away if the server is configured otherwise. If one is left,
 * all must be whole.
 */
const hasAny = async (sight: ClusterSight, optional: readonly Manifest[]): Promise<boolean> =>
  (await compare(sight, optional)).some(({ live }) => live !== undefined)

const breaks = 'any change that somebody made to the object is lost'

export const judgeObjects = (
  compared: readonly Compared[],
  { credential, serving, diagnosis, log }: Omit<ClusterParts, 'kubeProxy'>
): Finding => {
  if (compared.every(({ live }) => live === undefined)) return skipped('Joinery is not set up in this cluster')
  const wrong = compared.flatMap(({ manifest, live }) => {
    if (live === undefined) return { manifest, text: 'missing', isUnmoved: false }
    const text = listed(differences(manifest, live))
    if (text === '') return []
    return isServingEarlier(live)
      ? { manifest, text: `still serves ${earlierVersion}`, isUnmoved: true }
      : { manifest, text: `changed: ${text}`, isUnmoved: false }
  })
  if (wrong.length === 0)
    return pass(
      `${compared.length} objects are as this version makes them for credential: ${credential}${serving ? ', servingCertificates: approve' : ''}${diagnosis ? ', diagnosis: on' : ''}${log ? ', store: cluster' : ''}`
    )
  // to take a version away before its objects are moved would lose them, so the API server refuses it
  const changes = wrong
    .filter(({ isUnmoved }) => !isUnmoved)
    .map(({ manifest }): Change => ({ verb: 'enforce', manifest, breaks }))
  const finding = mendable('fail', listed(wrong.map(({ manifest, text }) => `${titleOf(manifest)} ${text}`)), changes)
  return wrong.some(({ isUnmoved }) => isUnmoved) ? { ...finding, remedy: [setupRemedy, ...finding.remedy] } : finding
}

/** True for a definition of which setup has not ended the version of before. */
const isServingEarlier = (live: Manifest): boolean => live.kind === 'CustomResourceDefinition' && servesEarlier(live)
