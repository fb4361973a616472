import type { CodeStatusView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { codeView } from '../../../core/enrolment/views.ts'
import type { Decided } from '../../../core/ports/store/change.ts'
import type { CodeDocument } from '../../../core/ports/store/documents/code-document.ts'
import { plain } from '../asked/refusal.ts'
import { acceptedConditions, observed, resultConditions } from '../conditions.ts'

/** Answer of the store about a Code: its code, or its refusal. Neither, if the store forgot the code long ago. */
export interface SettledCode {
  code?: CodeDocument
  refused?: Decided
}

/**
 * The status of a Code, as the store says at `now`, for this generation of the object. Undefined if the store has nothing to say any
 * more.
 */
export const codeStatus = (settled: SettledCode, now: Date, generation: number): CodeStatusView | undefined => {
  const status = statusAt(settled, now)
  return status && observed(status, generation)
}

const statusAt = ({ code, refused }: SettledCode, now: Date): CodeStatusView | undefined => {
  if (code !== undefined) {
    const { status, used, enrolment } = codeView(code, now)
    const warnings = status === 'open' ? code.object?.warnings : undefined
    const message = warnings && plain(warnings.join('; '))
    const conditions = acceptedConditions(message ?? 'the server made a code of it', code.created)
    return { state: status, conditions, used, ...given({ enrolment, message }) }
  }
  if (refused === undefined) return undefined
  const { code: problem, message, remedy } = refused
  const state = problem === 'code-expired' ? 'expired' : 'refused'
  return {
    state,
    conditions: resultConditions('Accepted', refused),
    used: 0,
    message,
    ...given({ code: problem, remedy })
  }
}
