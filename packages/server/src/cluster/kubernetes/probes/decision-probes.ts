import { refusalOf, statusOf } from '@joinery/kube'
import { doorGroup, doorVersion } from '@joinery/kube/door'
import { decisionPolicy } from '@joinery/kube/names'
import type { Probe } from './probe.ts'

/** An id that no enrolment has. */
const nobody = '00000000-0000-0000-0000-000000000000'

/**
 * Probe of the policy for Decisions: the server asks for one by a user who it is not. It is refused for `by` alone, whatever rights
 * the server might have been given.
 */
export const decisionProbes: Probe[] = [
  {
    what: 'a Decision by somebody else',
    refusedBy: decisionPolicy,
    ask: async ({ custom }) => {
      const body = {
        apiVersion: `${doorGroup}/${doorVersion}`,
        kind: 'Decision',
        metadata: { generateName: 'joinery-dry-run-' },
        spec: { enrolment: nobody, role: 'worker', verdict: 'release', key: '', revision: 0, by: 'nobody' }
      }
      const kind = { group: doorGroup, version: doorVersion, plural: 'decisions' }
      try {
        return await refusalOf(() => custom.createClusterCustomObject({ ...kind, body, dryRun: 'All' }))
      } catch (error) {
        if (statusOf(error) !== 404) throw error
        return `the CustomResourceDefinition decisions.${doorGroup} is missing`
      }
    }
  }
]
