export { type FixedFacts, fixedFacts, withFixedFacts } from '../trust/fixed-facts.ts'
export { setupDigest } from '../trust/setup-lack.ts'
export { Statements, statementTimes } from '../trust/statements.ts'
