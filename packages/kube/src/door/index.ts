import { stringify } from 'yaml'
import { definitions } from './definitions.ts'
import { doorPolicies } from './policies.ts'
import { operatorRoles, serverDoorRbac, serverFlowSchema } from './rights.ts'

export { definitions } from './definitions.ts'
export { servesEarlier, storesEarlier, withEarlierVersion } from './earlier-version.ts'
export * from './kinds.ts'

/** Manifests of the door that narrow: they come before the rights. */
export const doorNarrowing: readonly string[] = [
  ...doorPolicies,
  ...definitions.map((one) => stringify(one, { lineWidth: 0 }))
]

/** Manifests of the rights at the door: the server's, and those of operators, ready to bind. */
export const doorRights: readonly string[] = [serverFlowSchema, serverDoorRbac, ...operatorRoles]
