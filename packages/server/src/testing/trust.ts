export { type FixedFacts, fixedFacts, withFixedFacts } from '../trust/fixed-facts.ts'
export { Statements, statementTimes } from '../trust/statements.ts'
