import { isMacByAny, type MacKeys, macByNewest } from '../keys/mac.ts'

/** Number that a text in the cluster says. `isSealed`: one of the master keys made its MAC. */
export interface NotedNumber {
  number: number
  isSealed: boolean
}

/** Bound of a number without a MAC. No server counts up to it, so somebody else wrote a larger one. */
const largestBare = 1e15

/** Text by which the cluster knows the number: with a MAC by the newest master key. Only who has a master key can make it. */
export const sealGeneration = (number: number, keys: MacKeys): string =>
  `${number} ${macByNewest(keys, 'generation', String(number))}`

/**
 * Reads what `sealGeneration` returned, with any of the master keys, or a number without a MAC, as servers wrote it before
 * there was one. Undefined for any other text.
 */
export const readGeneration = (text: string, keys: MacKeys): NotedNumber | undefined => {
  const [, digits, mac] = /^(0|[1-9][0-9]{0,15})(?: ([\w-]{43}))?$/.exec(text) ?? []
  const number = Number(digits)
  if (digits === undefined || !Number.isSafeInteger(number)) return undefined
  if (mac === undefined) return number < largestBare ? { number, isSealed: false } : undefined
  return isMacByAny(keys, 'generation', digits, mac) ? { number, isSealed: true } : undefined
}
