import { type Enrolment, escapeText } from '@joinery/protocol'
import { enrolmentName } from '../../session/references.ts'
import type { Session } from '../../session/session.ts'
import { printDocument } from '../document.ts'
import { printNext } from '../next-command.ts'

/** Says what a command changed, as kubectl does, and what to type next about what the operator calls `reference`. */
export const printChange = (session: Session, verb: string, enrolment: Enrolment, reference: string): void => {
  if (printDocument(session, enrolment, () => [enrolmentName(enrolment)])) return
  session.terminal.out(`enrolment/${escapeText(enrolment.name)} ${verb}\n`)
  printNext(session.terminal, enrolment, reference)
}
