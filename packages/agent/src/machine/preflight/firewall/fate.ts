import type { Act, Rule, Ruleset } from './ruleset.ts'

/** The fate of a connection in a packet filter. `unknown`: it depends on facts of the connection that are not known. */
export type Fate = 'accept' | 'drop' | 'unknown'

/** The way of a connection through a chain. */
interface Passage {
  /** Undefined if the connection comes out at the end of the chain. */
  end: 'accept' | 'drop' | undefined
  /** The connection may have been let in, or kept out, on the way already. */
  mayAccept: boolean
  mayDrop: boolean
}

const through: Passage = { end: undefined, mayAccept: false, mayDrop: false }

/** The fate of the connection in one of the ruleset's inputs. */
export const fateAt = (ruleset: Ruleset, { chain, policy }: Ruleset['inputs'][number]): Fate => {
  const { end = policy, mayAccept, mayDrop } = passageOf(ruleset, chain, new Map())
  if (end === 'accept') return mayDrop ? 'unknown' : 'accept'
  return mayAccept ? 'unknown' : 'drop'
}

/**
 * The way of a connection through a chain. `known`: each chain is followed once. A chain that comes back to itself,
 * which no kernel takes, ends there.
 */
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
  // false once the connection may have left this chain, so that the later rules may never be asked
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
