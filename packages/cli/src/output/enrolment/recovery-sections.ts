import { section } from '@joinery/host/text/section'
import { alertCell } from '@joinery/host/text/styles'
import type { Cell } from '@joinery/host/text/table'
import type { SeenEnrolmentDetail, SeenRecovery } from '../../operator-client.ts'
import type { Screen } from '../../terminal/terminal.ts'
import { claims } from './claims.ts'
import { factRows } from './fact-rows.ts'

/**
 * The way back of a machine: what the server knows, and below it what the machine says, and what another one says that asked
 * with the same key. Empty if there is none.
 */
export const recoverySections = (
  { recovery }: SeenEnrolmentDetail,
  when: (time: string) => string,
  screen: Screen
): string[] => {
  if (recovery === undefined) return []
  const { asked, other } = recovery
  return [
    section('Way back', knownRows(recovery, when), screen.colour),
    ...(asked === undefined ? [] : [claims('The machine that asks, as it claims', saidRows(asked, when), screen)]),
    ...(other === undefined
      ? []
      : [claims('The other one with the same key, as it claims', saidRows(other, when), screen)])
  ]
}

const knownRows = (recovery: SeenRecovery, when: (time: string) => string): Cell[][] => {
  const { state, since, why, asked, other, lastSeen, notReadySince, lease, addressBefore, changed } = recovery
  const moved = asked?.address !== undefined && asked.address !== addressBefore
  return [
    ['State:', state === 'frozen' || state === 'refused' ? alertCell(state) : state],
    ...present('Since:', since && when(since)),
    ...present('Why:', why),
    ...present('Not Ready since:', notReadySince && when(notReadySince)),
    ...present('Lease renewed:', lease),
    ...present('Certificate, as issued:', lastSeen && `until ${when(lastSeen.notAfter)}`),
    ...present('Address now:', asked?.address && (moved ? `${asked.address}, and not the one before` : asked.address)),
    ...present('Address of the other:', other?.address),
    ['Address before:', addressBefore],
    ['Differs:', changed.length === 0 ? '<nothing>' : alertCell(changed.join(', '))]
  ]
}

const saidRows = (
  { reason, notAfter, serial, bootId, at, facts }: NonNullable<SeenRecovery['asked']>,
  when: (time: string) => string
): Cell[][] => [
  ...present('Certificate:', reason),
  ...present('Ended:', notAfter && when(notAfter)),
  ...present('Serial:', serial),
  ...present('Boot:', bootId),
  ...present('Asked:', at && when(at)),
  ...factRows(facts ?? {})
]

const present = (label: string, value: string | undefined): Cell[][] =>
  value === undefined || value === '' ? [] : [[label, value]]
