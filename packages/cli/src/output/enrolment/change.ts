import { type Enrolment, escapeText } from '@joinery/protocol'
import { enrolmentName } from '../../session/references.ts'
import type { Session } from '../../session/session.ts'
import { printDocument } from '../document.ts'
import { printNext } from '../next-command.ts'

/** Prints a command's change, as kubectl does, and the next command. `reference`: the operator's name for the enrolment. */
export const printChange = (session: Session, verb: string, enrolment: Enrolment, reference: string): void => {
  if (printDocument(session, enrolment, () => [enrolmentName(enrolment)])) return
  session.terminal.out(`enrolment/${escapeText(enrolment.name)} ${verb}\n`)
  printNext(session.terminal, enrolment, reference)
}
