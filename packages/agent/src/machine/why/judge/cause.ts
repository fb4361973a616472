import type { Cause, CauseCode } from '@joinery/protocol'
import { evidenceLine, sentence } from '../evidence.ts'

/** Most lines of evidence and of a remedy that a cause may have. */
export const most = { evidence: 6, remedy: 4 } as const

/** A cause that this machine sees, within the limits of the protocol. */
export const causeHere = (
  code: CauseCode,
  text: string,
  { evidence = [], remedy = [] }: { evidence?: readonly string[]; remedy?: readonly string[] } = {}
): Cause => ({
  code,
  from: 'machine',
  text: sentence(text),
  evidence: evidence.slice(0, most.evidence).map(evidenceLine),
  remedy: remedy.slice(0, most.remedy).map(sentence)
})
