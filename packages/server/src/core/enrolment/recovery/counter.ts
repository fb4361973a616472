import { hash } from 'node:crypto'
import type { RecoveryRequest } from '@joinery/protocol'
import type { RecoveryDocument } from '../../ports/store/recovery-document.ts'

type Counter = Pick<RecoveryDocument, 'confirmed' | 'pending'>

/**
 * - taken: the machine that asked last asks again, or it is the first ask; `counter` is what to keep
 * - same: the last ask came once more, for its answer was lost
 * - stranger: the value is neither of the two that the machine may have, so another one has its key
 */
export type CounterVerdict = { is: 'taken'; counter: Counter } | { is: 'same' } | { is: 'stranger' }

/**
 * Judges the counter of an ask. The server keeps two values, as SHA-256: the one that the machine has confirmed, and the next
 * one, which the machine may have lost with a power cut or an answer. So neither freezes an honest machine. Two machines with
 * one disk name two next values, and one of them comes with the wrong one.
 */
export const judgeCounter = (
  kept: Pick<RecoveryDocument, 'confirmed' | 'pending' | 'unfrozen'>,
  { current, next }: Pick<RecoveryRequest, 'current' | 'next'>
): CounterVerdict => {
  const { confirmed, pending, unfrozen } = kept
  const given = current === undefined ? undefined : sumOf(current)
  const following = sumOf(next)
  const taken: CounterVerdict = {
    is: 'taken',
    counter: { ...(given !== undefined && { confirmed: given }), pending: following }
  }
  if (unfrozen) return taken
  if (pending === undefined) return given === undefined ? taken : { is: 'stranger' }
  if (following === pending && given === confirmed) return { is: 'same' }
  return given !== undefined && (given === confirmed || given === pending) ? taken : { is: 'stranger' }
}

const sumOf = (value: string): string => hash('sha256', value)
