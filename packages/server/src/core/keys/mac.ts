import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { MasterKeys } from './master-keys.ts'

/** The keys from which those of the MACs follow. */
export type MacKeys = Pick<MasterKeys, 'all'>

/** The purpose of a MAC. Each has a key of its own. */
type Purpose = 'generation' | 'presence' | 'witness'

/** MAC of a text by the newest master key: 43 characters of base64url. Only who has a master key can make it. */
export const macByNewest = ({ all }: MacKeys, purpose: Purpose, text: string): string =>
  macOf((all.at(-1) as MacKeys['all'][number]).key, purpose, text)

/** True if any of the master keys made this MAC of 43 characters. */
export const isMacByAny = ({ all }: MacKeys, purpose: Purpose, text: string, mac: string): boolean =>
  all.some(({ key }) => timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(key, purpose, text))))

const macOf = (masterKey: Uint8Array, purpose: Purpose, text: string): string =>
  createHmac('sha256', keyFor(masterKey, purpose)).update(text).digest('base64url')

/** Keys that were derived already: each answer to an agent has a MAC, and deriving costs ten times as much. */
const derived = new WeakMap<Uint8Array, Partial<Record<Purpose, Uint8Array>>>()

const keyFor = (masterKey: Uint8Array, purpose: Purpose): Uint8Array => {
  const known = derived.get(masterKey) ?? {}
  derived.set(masterKey, known)
  known[purpose] ??= new Uint8Array(hkdfSync('sha256', masterKey, new Uint8Array(), `joinery ${purpose}`, 32))
  return known[purpose]
}
