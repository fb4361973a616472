import type { Act, Rule, Ruleset } from './ruleset.ts'

/** `unknown`: it depends on what is not known of the connection. */
export type Fate = 'accept' | 'drop' | 'unknown'

/** What a chain does with the connection. */
interface Passage {
  /** Undefined where it comes out at the end of the chain. */
  end: 'accept' | 'drop' | undefined
  /** On the way it may have been let in, or kept out, already. */
  mayAccept: boolean
  mayDrop: boolean
}

const through: Passage = { end: undefined, mayAccept: false, mayDrop: false }

/** What becomes of the connection in one of the ruleset's inputs. */
export const fateAt = (ruleset: Ruleset, { chain, policy }: Ruleset['inputs'][number]): Fate => {
  const { end = policy, mayAccept, mayDrop } = passageOf(ruleset, chain, new Map())
  if (end === 'accept') return mayDrop ? 'unknown' : 'accept'
  return mayAccept ? 'unknown' : 'drop'
}

/** `known`: each chain is followed once. One that comes back to itself, which no kernel takes, ends there. */
const passageOf = (ruleset: Ruleset, chain: string, known: Map<string, Passage>): Passage => {
  const before = known.get(chain)
  if (before !== undefined) return before
  known.set(chain, through)
  const passage = follow(ruleset.chains.get(chain) ?? [], (act) => passageBy(ruleset, act, known))
  known.set(chain, passage)
  return passage
}

const follow = (rules: readonly Rule[], passageOfAct: (act: Act) => Passage): Passage => {
  const sum = { ...through }
  // false once it may have left this chain, so that what follows may never be asked
  let sure = true
  for (const { match, act } of rules) {
    if (match === 'no') continue
    const certain = sure && match === 'yes'
    const { end, mayAccept, mayDrop } = passageOfAct(act)
    sum.mayAccept ||= mayAccept || (!certain && end === 'accept')
    sum.mayDrop ||= mayDrop || (!certain && end === 'drop')
    if (certain && end !== undefined) return { ...sum, end }
    if (act.do !== 'return' && act.do !== 'goto') continue
    if (certain) break
    sure = false
  }
  return sum
}

const passageBy = (ruleset: Ruleset, act: Act, known: Map<string, Passage>): Passage => {
  switch (act.do) {
    case 'accept':
    case 'drop':
      return { ...through, end: act.do }
    case 'unknown':
      return { end: undefined, mayAccept: true, mayDrop: true }
    case 'jump':
    case 'goto':
      return passageOf(ruleset, act.chain, known)
    default:
      return through
  }
}
