export { type FixedFacts, withFixedFacts } from '../core/trust/fixed-facts.ts'
export { setupDigest } from '../core/trust/setup-lack.ts'
export { Statements, statementTimes } from '../core/trust/statements.ts'
