import { type Enrolment, escapeText } from '@joinery/protocol'
import { printNext } from '../next-command.ts'
import type { Session } from '../session.ts'
import { toJson } from './json.ts'

/** Says what a command changed, as kubectl does, and what to type next about what the operator calls `reference`. */
export const printChange = (
  { terminal, json }: Session,
  verb: string,
  enrolment: Enrolment,
  reference: string
): void => {
  if (json) {
    terminal.out(toJson(enrolment))
  } else {
    terminal.out(`enrolment/${escapeText(enrolment.name)} ${verb}\n`)
    printNext(terminal, enrolment.state, reference)
  }
}
