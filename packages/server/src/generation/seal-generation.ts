import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { MasterKeys } from '../keys/master-keys.ts'

/** The keys from which those of the MACs follow. */
type Keys = Pick<MasterKeys, 'all'>

/** Number that a text in the cluster says. `isSealed`: one of the master keys made its MAC. */
export interface NotedNumber {
  number: number
  isSealed: boolean
}

/** Bound of a number without a MAC. No server counts up to it, so somebody else wrote a larger one. */
const largestBare = 1e15

/** Text by which the cluster knows the number: with a MAC by the newest master key. Only who has a master key can make it. */
export const sealGeneration = (number: number, { all }: Keys): string =>
  `${number} ${macOf((all.at(-1) as Keys['all'][number]).key, number)}`

/**
 * Reads what `sealGeneration` returned, with any of the master keys, or a number without a MAC, as servers wrote it before
 * there was one. Undefined for any other text.
 */
export const readGeneration = (text: string, { all }: Keys): NotedNumber | undefined => {
  const [, digits, mac] = /^(0|[1-9][0-9]{0,15})(?: ([\w-]{43}))?$/.exec(text) ?? []
  const number = Number(digits)
  if (digits === undefined || !Number.isSafeInteger(number)) return undefined
  if (mac === undefined) return number < largestBare ? { number, isSealed: false } : undefined
  return all.some(({ key }) => isEqual(mac, macOf(key, number))) ? { number, isSealed: true } : undefined
}

const macOf = (masterKey: Uint8Array, number: number): string => {
  const key = hkdfSync('sha256', masterKey, new Uint8Array(), 'joinery generation', 32)
  return createHmac('sha256', new Uint8Array(key)).update(String(number)).digest('base64url')
}

const isEqual = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other))
