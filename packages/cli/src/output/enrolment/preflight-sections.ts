import { section } from '@joinery/host/text/section'
import { verdictCell } from '@joinery/host/text/styles'
import type { Cell } from '@joinery/host/text/table'
import { type Check, checkRemedies, serverCheck } from '@joinery/protocol'
import type { Screen } from '../../terminal/terminal.ts'
import { claims } from './claims.ts'

const headers: Cell[] = ['CHECK', 'VERDICT', 'FINDING']

/**
 * The machine's findings set off as its claim, the server's findings, and remedies for the known checks. A machine's
 * own remedies are shown only on the machine.
 */
export const preflightSections = (preflight: readonly Check[], screen: Screen): string[] => {
  const ofServer = preflight.filter(({ name }) => name === serverCheck)
  const ofMachine = preflight.filter(({ name }) => name !== serverCheck)
  const todo = ofMachine.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').flatMap(knownRemedyRows)
  return [
    claims('Preflight, as the machine claims it', [headers, ...ofMachine.map(checkRow)], screen),
    ...(ofServer.length === 0
      ? []
      : [section('Preflight, by the server', [headers, ...ofServer.flatMap(serverRows)], screen.colour)]),
    ...(todo.length === 0
      ? []
      : [section('What to do about it; joinery-agent preflight on the machine says more', todo, screen.colour)])
  ]
}

const checkRow = ({ name, verdict, finding }: Check): Cell[] => [name, verdictCell(verdict), finding]

const serverRows = (check: Check): Cell[][] => [
  checkRow(check),
  ...(check.remedy ?? []).map((command) => ['', '', `remedy: ${command}`])
]

const knownRemedyRows = ({ name }: Check): Cell[][] =>
  (Object.hasOwn(checkRemedies, name) ? (checkRemedies[name] ?? []) : []).map((line, number) => [
    number === 0 ? name : '',
    line
  ])
