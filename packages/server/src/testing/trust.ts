export { type FixedFacts, fixedFacts, withFixedFacts } from '../trust/fixed-facts.ts'
export { nextPinFile, Statements, statementTimes } from '../trust/statements.ts'
