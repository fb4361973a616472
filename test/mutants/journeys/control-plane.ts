import type { Mutant } from '../mutant.ts'

const journeys = 'test/journeys/control-plane'

/** The way of a control plane, and its keys. */
export const controlPlaneJourneys: readonly Mutant[] = [
  {
    name: 'control-plane-without-the-startup-taint',
    file: 'packages/server/src/core/services/agent/claim.ts',
    text: "(role === 'control-plane' && readyWhen === undefined)",
    instead: "role === 'control-plane'",
    rule: 'a control plane with a gate registers with the startup taint',
    killedBy: [`${journeys}/agent-control-plane.test.ts`]
  },
  {
    name: 'sealed-keys-in-the-timeline',
    file: 'packages/server/src/core/enrolment/verbs/grant.ts',
    text: 'the keys of the cluster, sealed for key ${key}, until',
    instead: 'the keys of the cluster, sealed as ${granted.sealed}, until',
    rule: 'sealed keys are in no answer but that to the claim',
    killedBy: [`${journeys}/grant-shown-to-nobody.test.ts`]
  }
]
