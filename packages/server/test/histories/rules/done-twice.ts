import { nameOf } from '../../../src/adapters/sqlite/mirror/parts.ts'
import type { Asked, Seen } from '../seen.ts'
import { keptDocuments, mustBeKept, textOf } from './kept.ts'

/** What may be once is once: each revision of a document, the winner of a code, the token of an attempt. */
export const doneTwice = (seen: Seen): string[] => [
  ...twoOf(
    keptDocuments(seen).map(({ document }) => [`revision ${document.revision} of ${document.id}`, textOf(document)])
  ),
  ...twoWinners(seen),
  ...twoOf(
    seen.asked.flatMap(({ asked, about, given }) =>
      given === undefined
        ? []
        : [[`attempt ${given.attempt} of ${about} on line ${lineOf(seen, asked, about)}`, given.token]]
    )
  ),
  ...strangeTokens(seen)
]

/**
 * Number of restores until then, and of hands at the document of this subject of which somebody heard: what one of them took away may be
 * done again.
 */
const lineOf = ({ restores, hands, words }: Seen, asked: number, subject = ''): number => {
  const name = nameOf(['subject', subject])
  const said = hands.filter(({ at, document }) => document === name && words.some((word) => at <= word && word < asked))
  return restores.filter(({ at }) => at < asked).length + said.length
}

const twoWinners = (seen: Seen): string[] => {
  const uses = new Map(
    seen.commits.flatMap(({ change }) => change.codes ?? []).map((code) => [code.id, code.uses ?? 1] as const)
  )
  const winners = seen.asked.filter(
    ({ asked, told, about = '', isNew }) =>
      isNew === true && told !== undefined && mustBeKept(seen, about, { asked, told })
  )
  return [...Map.groupBy(winners, ({ about }) => about)].flatMap(([code, some]) => {
    const keys = new Set(some.map(({ key }: Asked) => key))
    return keys.size > (uses.get(code ?? '') ?? 1) ? [`${keys.size} machines won the code ${code}`] : []
  })
}

/** Tokens in the cluster whose id no attempt has. */
const strangeTokens = ({ commits, tokens }: Seen): string[] => {
  const known = new Set(
    commits
      .filter(({ told, isDone }) => told === undefined || isDone === true)
      .flatMap(({ change }) => change.enrolments ?? [])
      .flatMap(({ join: { attempts } }) => attempts.map(({ tokenId }) => tokenId))
  )
  return tokens.filter((id) => !known.has(id)).map((id) => `the token ${id} is of no attempt`)
}

/** Names of which there are two values. */
const twoOf = (pairs: readonly string[][]): string[] =>
  [...Map.groupBy(pairs, ([name]) => name)].flatMap(([name, some]) => {
    const values = new Set(some.map(([, value]) => value))
    return values.size > 1 ? [`${name} is there twice: ${[...values].join(' and ')}`] : []
  })
