import { doorGroup } from '../../../door/index.ts'
import type { ClusterSight, MutatingPolicy } from '../../sight.ts'
import { type ClusterCheck, comment, type Finding, listed, pass, wrong } from '../check.ts'
import { objectsOfJoinery } from './objects-of-joinery.ts'

/** Check for policies of others that may change Joinery's objects on their way to the API server. */
export const mutatingPolicies: ClusterCheck = {
  name: 'mutating-policies',
  why: "such a policy can make another decision of the one that an operator sends, in the operator's name",
  run: async (sight: ClusterSight) => judgeMutatingPolicies(await sight.mutatingPolicies())
}

/** A policy without a binding changes nothing. */
export const judgeMutatingPolicies = (all: readonly MutatingPolicy[]): Finding => {
  const ours = all
    .filter(({ bindings }) => bindings.length > 0)
    .map((policy) => ({ ...policy, asked: objectsOfJoinery(policy).join(' and ') }))
    .filter(({ asked }) => asked !== '')
  if (ours.length === 0) return pass(`no MutatingAdmissionPolicy may change the objects of ${doorGroup}`)
  return wrong(
    'warn',
    listed(
      ours.map(
        ({ name, bindings, asked }) =>
          `MutatingAdmissionPolicy ${name} may change ${asked}, by its binding ${listed(bindings)}`
      )
    ),
    ...ours.map(({ name, asked }) => comment(`leave ${asked} out of the rules of MutatingAdmissionPolicy ${name}`))
  )
}
