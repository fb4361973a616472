import { given } from '@joinery/protocol/given'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { isMacOf, type LogKeys, macOf } from './log-keys.ts'

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/**
 * Branch of a log that the log has left, and that a host has still: the number of its last batch. `from`: number of the first batch of
 * the term by which the log left it, or the first one that it can have, if nobody has gone on with the log yet. Absent if the host cannot
 * say which one that is.
 */
const LostBranch = Type.Object(
  { log: Type.String({ maxLength: 64 }), number: Count, from: Type.Optional(Count) },
  { additionalProperties: false }
)
export type LostBranch = Static<typeof LostBranch>

const Told = Type.Object({ lost: LostBranch, mac: Type.String() }, { additionalProperties: false })

const fieldsOf = (address: string, { log, number, from }: LostBranch) => [
  'joinery lost branch',
  address,
  log,
  number,
  ...(from === undefined ? [] : [from])
]

/** The text by which the server at this address says what it has. */
export const tellLost = (address: string, lost: LostBranch, keys: LogKeys): string => {
  const { log, number, from } = lost
  return JSON.stringify({ lost: { log, number, ...given({ from }) }, mac: macOf(keys, fieldsOf(address, lost)) })
}

/** Characters of such a text. Whoever may write Leases may have written anything there. */
const most = 1024

/** Branch that the server at this address has, by its text. Undefined if no server with these keys wrote it for this address. */
export const readLost = (address: string, text: string, keys: readonly LogKeys[]): LostBranch | undefined => {
  if (text.length > most) return undefined
  try {
    const told: unknown = JSON.parse(text)
    if (!Value.Check(Told, told)) return undefined
    return keys.some((one) => isMacOf(one, fieldsOf(address, told.lost), told.mac)) ? told.lost : undefined
  } catch {
    return undefined
  }
}
