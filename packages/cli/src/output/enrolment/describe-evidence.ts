import { alertCell } from '@joinery/host/text/styles'
import { type Cell, table } from '@joinery/host/text/table'
import { given } from '@joinery/protocol/given'
import { isView, type SeenEnrolmentDetail } from '../../operator-client.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { age, moment } from '../../terminal/times.ts'
import { fold } from '../fold.ts'
import { claims } from './claims.ts'
import { conflictRows, keyRows, machineRows } from './describe-enrolment.ts'
import { factRows } from './fact-rows.ts'
import { keySections } from './key-sections.ts'
import { labelAndTaintRows } from './labels-and-taints.ts'
import { policyRows } from './policy.ts'
import { preflightSections } from './preflight-sections.ts'
import { recoverySections } from './recovery-sections.ts'

/**
 * Everything that a person must see before they agree, without the checks that pass. `key`: `asked` if the person has to
 * type the key.
 */
export const describeEvidence = (
  enrolment: SeenEnrolmentDetail,
  terminal: Pick<Terminal, 'now' | 'errColumns'>,
  key: 'shown' | 'asked'
): string => {
  const { name, nameConflict, role, credential, revision, facts, preflight, withoutAgent } = enrolment
  // it goes to the screen of messages
  const { now, errColumns } = terminal
  const screen = { colour: false, ...given({ columns: errColumns }) }
  const when = (time: string) => `${moment(time)} (${age(time, now())})`
  const rows: Cell[][] = [
    ['Name:', name],
    ...(nameConflict === undefined ? [] : [['Name conflict:', alertCell(nameConflict)]]),
    ['Role:', role],
    ...(key === 'shown' && !withoutAgent ? keyRows(enrolment) : []),
    ['Credential:', credential],
    ...(withoutAgent ? [] : machineRows(enrolment)),
    ...labelAndTaintRows(enrolment),
    ...policyRows(enrolment),
    ...conflictRows(enrolment),
    ['Revision:', `${revision}`]
  ]
  if (withoutAgent) return table(rows, false)
  const passing = preflight.filter(({ verdict }) => verdict === 'pass').length
  const others = preflight.filter(({ verdict }) => verdict !== 'pass')
  const sections = [
    table(rows, false),
    ...recoverySections(enrolment, when, screen),
    claims('Facts, as the machine claims them', factRows(facts), screen),
    ...preflightSections(others, screen),
    // a view has no checks that pass
    ...(isView(enrolment) ? [] : [`Checks that pass: ${passing}\n`]),
    ...(key === 'shown' ? keySections(enrolment, when, screen) : [])
  ]
  return fold(sections.join(''), screen)
}
