import { isMacByAny, type MacKeys, macByNewest } from '../keys/mac.ts'

/** Revision of an enrolment that the server told its machine. */
export interface Witness {
  /** Id of the enrolment. */
  enrolment: string
  revision: number
  /** Unix time in seconds. */
  at: number
}

/** Text for the machine of this key. No other machine can show it, and only who has a master key can make it. */
export const sealWitness = (witness: Witness, key: string, keys: MacKeys): string =>
  `${textOf(witness)}.${macByNewest(keys, 'witness', bound(witness, key))}`

/** Reads what `sealWitness` returned for this key, with any of the master keys. Undefined for any other text. */
export const readWitness = (text: unknown, key: string, keys: MacKeys): Witness | undefined => {
  if (typeof text !== 'string') return undefined
  const [, enrolment, revision, at, mac] = /^([\w-]{1,64})\.(\d{1,15})\.(\d{1,12})\.([\w-]{43})$/.exec(text) ?? []
  if (enrolment === undefined || mac === undefined) return undefined
  const witness = { enrolment, revision: Number(revision), at: Number(at) }
  return isMacByAny(keys, 'witness', bound(witness, key), mac) ? witness : undefined
}

const textOf = ({ enrolment, revision, at }: Witness): string => `${enrolment}.${revision}.${at}`

const bound = (witness: Witness, key: string): string => `${key}.${textOf(witness)}`
