export { sealGeneration } from '../core/generation/seal-generation.ts'
export { readStateKeys } from '../core/keys/state-keys.ts'
