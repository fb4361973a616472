import type { Budgets } from '../../core/base/budgets.ts'
import type { Visitor } from './visitor.ts'

/**
 * True if a stranger has taken too long over its step. A stranger that waits for a turn is not to blame, and one that
 * asks has the time-outs of HTTP.
 */
export const overdue = (
  { step, since }: Pick<Visitor, 'step' | 'since'>,
  now: number,
  { handshakes, keepAlive }: Pick<Budgets, 'handshakes' | 'keepAlive'>
): boolean => {
  switch (step) {
    case 'silent':
      return now - since >= handshakes.silence
    case 'shaking':
      return now - since >= handshakes.timeout
    case 'idle':
      return now - since >= keepAlive.strangers
    case 'waiting':
    case 'asking':
      return false
  }
}
