import { errorRules, kubeletRules } from '@joinery/agent/testing/machine'
import { whyRules } from '@joinery/agent/testing/why'
import { joinMarks } from '@joinery/protocol'

/** Every pattern by which Joinery reads what a program of Kubernetes prints, with the name of its rule. */
export const rulesOfTexts: readonly { rule: string; pattern: RegExp }[] = [
  ...whyRules.map(({ name, text }) => ({ rule: `joinery why, ${name}`, pattern: text })),
  ...[...errorRules, ...kubeletRules].map(({ text, cause }) => ({
    rule: `the failure of a join, "${cause}"`,
    pattern: text
  })),
  ...joinMarks.map(({ line, phase }) => ({ rule: `the stage ${phase} of a join`, pattern: line }))
]
