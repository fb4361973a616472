import type { CodeStatusView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { codeView } from '../../enrolment/views.ts'
import type { CodeDocument, Decided } from '../../store/store.ts'
import { plain } from '../asked/refusal.ts'

/** Answer of the store about a Code: its code, or its refusal. Neither, if the store forgot the code long ago. */
export interface SettledCode {
  code?: CodeDocument
  refused?: Decided
}

/** The status of a Code, as the store says at `now`. Undefined if the store has nothing to say any more. */
export const codeStatus = ({ code, refused }: SettledCode, now: Date): CodeStatusView | undefined => {
  if (code !== undefined) {
    const { status, used, enrolment } = codeView(code, now)
    const warnings = status === 'open' ? code.object?.warnings : undefined
    return { state: status, used, ...given({ enrolment, message: warnings && plain(warnings.join('; ')) }) }
  }
  if (refused === undefined) return undefined
  const { code: problem, message, remedy } = refused
  const state = problem === 'code-expired' ? 'expired' : 'refused'
  return { state, used: 0, message, ...given({ code: problem, remedy }) }
}
