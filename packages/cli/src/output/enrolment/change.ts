import { escapeText } from '@joinery/protocol'
import type { SeenEnrolment } from '../../operator-client.ts'
import { enrolmentName } from '../../session/references.ts'
import type { Session } from '../../session/session.ts'
import { printDocument } from '../document.ts'
import { printNext } from '../next-command.ts'

/** Prints a command's change, as kubectl does, and the next command. `reference`: the operator's name for the enrolment. */
export const printChange = (session: Session, verb: string, enrolment: SeenEnrolment, reference: string): void => {
  if (printDocument(session, enrolment, () => [enrolmentName(enrolment)])) return
  session.terminal.out(`enrolment/${escapeText(enrolment.name)} ${verb}\n`)
  printNext(session.terminal, enrolment, reference)
}
