export { sealGeneration } from '../generation/seal-generation.ts'
export { readStateKeys } from '../keys/state-keys.ts'
