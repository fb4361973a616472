import { refusalOf, statusOf } from '@joinery/kube'
import { doorGroup, doorVersion, type Resource } from '@joinery/kube/door'
import { codePolicy, decisionPolicy, type Policy } from '@joinery/kube/names'
import type { Probe } from './probe.ts'

/** An id that no enrolment has. */
const nobodysId = '00000000-0000-0000-0000-000000000000'

/** A hash that no code has. */
const nobodysHash = '0'.repeat(64)

/** Time at which a code could end at any time of this program. */
const someday = '9999-01-01T00:00:00Z'

/**
 * Probe of a policy of the door: the server asks for an object by a user who it is not. It is refused for `by` alone, whatever
 * rights the server might have been given.
 */
const probe = (refusedBy: Policy, kind: string, plural: Resource, metadata: object, spec: object): Probe => ({
  what: `a ${kind} by somebody else`,
  refusedBy,
  ask: async ({ custom }) => {
    const body = { apiVersion: `${doorGroup}/${doorVersion}`, kind, metadata, spec: { ...spec, by: 'nobody' } }
    const of = { group: doorGroup, version: doorVersion, plural }
    try {
      return await refusalOf(() => custom.createClusterCustomObject({ ...of, body, dryRun: 'All' }))
    } catch (error) {
      // one of this name is there: whatever refuses comes before that
      if (statusOf(error) === 409) return undefined
      if (statusOf(error) !== 404) throw error
      return `the cluster does not serve ${plural} of ${doorGroup}/${doorVersion}`
    }
  }
})

export const decisionProbes: Probe[] = [
  probe(
    decisionPolicy,
    'Decision',
    'decisions',
    { generateName: 'joinery-dry-run-' },
    { enrolment: nobodysId, role: 'worker', verdict: 'release', key: '', revision: 0 }
  )
]

export const codeProbes: Probe[] = [
  probe(codePolicy, 'Code', 'codes', { name: nobodysHash }, { hash: nobodysHash, role: 'worker', expires: someday })
]
