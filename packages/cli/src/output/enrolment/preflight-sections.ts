import { section } from '@joinery/host/text/section'
import { verdictCell } from '@joinery/host/text/styles'
import type { Cell } from '@joinery/host/text/table'
import { checkRemedies, serverCheck } from '@joinery/protocol'
import type { SeenCheck } from '../../operator-client.ts'
import type { Screen } from '../../terminal/terminal.ts'
import { claims } from './claims.ts'

const headers: Cell[] = ['CHECK', 'VERDICT', 'FINDING']

/**
 * The machine's findings set off as its claim, the server's findings, and remedies for the known checks. A machine's
 * own remedies are shown only on the machine.
 */
export const preflightSections = (preflight: readonly SeenCheck[], screen: Screen): string[] => {
  const ofServer = preflight.filter(({ name }) => name === serverCheck)
  const ofMachine = preflight.filter(({ name }) => name !== serverCheck)
  const todo = ofMachine.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').flatMap(knownRemedyRows)
  return [
    claims('Preflight, as the machine claims it', machineRows(ofMachine), screen),
    ...(ofServer.length === 0
      ? []
      : [section('Preflight, by the server', [headers, ...ofServer.flatMap(serverRows)], screen.colour)]),
    ...(todo.length === 0
      ? []
      : [section('What to do about it; joinery-agent preflight on the machine says more', todo, screen.colour)])
  ]
}

/** A look without findings has no column for them. */
const machineRows = (checks: readonly SeenCheck[]): Cell[][] =>
  checks.length > 0 && checks.every(({ finding }) => finding === undefined)
    ? [headers.slice(0, 2), ...checks.map(({ name, verdict }) => [name, verdictCell(verdict)])]
    : [headers, ...checks.map(checkRow)]

const checkRow = ({ name, verdict, finding = '' }: SeenCheck): Cell[] => [name, verdictCell(verdict), finding]

const serverRows = (check: SeenCheck): Cell[][] => [
  checkRow(check),
  ...(check.remedy ?? []).map((command) => ['', '', `remedy: ${command}`])
]

const knownRemedyRows = ({ name }: SeenCheck): Cell[][] =>
  (Object.hasOwn(checkRemedies, name) ? (checkRemedies[name] ?? []) : []).map((line, number) => [
    number === 0 ? name : '',
    line
  ])
