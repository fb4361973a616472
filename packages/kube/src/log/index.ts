export { logDefinitions } from './definitions.ts'
export * from './kinds.ts'
export { logPolicies } from './policies.ts'
export { logRights } from './rights.ts'
