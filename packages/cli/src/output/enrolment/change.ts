import { escapeText } from '@joinery/protocol'
import type { SeenEnrolment } from '../../operator-client.ts'
import { type DryRun, dryRunWords } from '../../session/dry-run.ts'
import { enrolmentName } from '../../session/references.ts'
import type { Session } from '../../session/session.ts'
import { printDocument } from '../document.ts'
import { printNextFor } from '../next-command.ts'

/**
 * Prints a command's change, as kubectl does, and the next command unless it was a dry run. `reference`: the operator's name for
 * the enrolment.
 */
export const printChange = (
  session: Session,
  verb: string,
  enrolment: SeenEnrolment,
  reference: string,
  dryRun: DryRun = 'none'
): void => {
  if (printDocument(session, enrolment, () => [enrolmentName(enrolment)])) return
  session.terminal.out(`enrolment/${escapeText(enrolment.name)} ${verb}${dryRunWords(dryRun)}\n`)
  if (dryRun === 'none') printNextFor(session.terminal, enrolment, reference)
}
