export { evidenceLine } from '../machine/why/evidence.ts'
export { whyRules } from '../machine/why/rules/all.ts'
export type { WhyRule } from '../machine/why/rules/rule.ts'
