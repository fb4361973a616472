import { given } from '@joinery/protocol/given'
import type { Engine } from '../cel/engine.ts'
import type { Policy, Rule } from '../document/policy.ts'
import { EvidenceTooLarge, evidenceOf, type Judged, type JudgedCode } from '../words/evidence.ts'
import { variablesOfCode } from '../words/variables.ts'
import { doubtsAbout } from './doubts.ts'
import { countingRules, type Ruling, rulingBy } from './ruling.ts'

/** A machine that waits, with the code that it came with, if that is known. */
export interface Candidate {
  enrolment: Judged
  code: JudgedCode | undefined
}

/** Says what the policy does with a machine. `engine` has compiled the rules of this policy. */
export const judgeMachine = async (
  policy: Policy,
  engine: Pick<Engine, 'first'>,
  { enrolment, code }: Candidate,
  { now, isSpent = () => false }: { now: Date; isSpent?: (rule: Rule) => boolean }
): Promise<Ruling> => {
  if (enrolment.withoutAgent) return { verdict: 'hold', why: 'it joins by a join command' }
  if (enrolment.pruned !== undefined) return { verdict: 'hold', why: 'its evidence is deleted' }
  try {
    const evidence = evidenceOf(enrolment, code, now)
    const outcome = await engine.first(countingRules(policy, enrolment.role, now), evidence)
    const rule = outcome && policy.rules[outcome.number]
    const lacking = code === undefined && outcome?.failed !== undefined ? codeLacks(rule) : ''
    const lacksProof = rule?.needsProof === true && outcome?.failed === undefined && code?.proof !== true
    const ruling = rulingBy(
      policy,
      outcome && { ...outcome, ...given({ failed: outcome.failed && outcome.failed + lacking }) },
      {
        doubts: [...(lacksProof ? [noProof(code)] : []), ...doubtsAbout(enrolment)],
        isSpent
      }
    )
    return lacksProof ? { ...ruling, lacksProof } : ruling
  } catch (error) {
    if (!(error instanceof EvidenceTooLarge)) throw error
    return { verdict: 'hold', why: error.message }
  }
}

/** Doubt about the code of a machine that a rule asks about. Whoever made the code chose what the rule compares. */
const noProof = (code: JudgedCode | undefined): string =>
  code === undefined ? 'its code is not known' : 'its code is no proof, since it was made without --proof'

const codeLacks = (rule: Rule | undefined): string => {
  const lacking = variablesOfCode.filter((name) => rule?.uses.includes(name))
  return lacking.length === 0 ? '' : ` (the code is not known, and the rule asks for ${lacking.join(' and ')})`
}
