import { type Event, escapeText, next, type State, statesThat } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import type { Column } from '../output/columns.ts'
import { printDocument } from '../output/document.ts'
import { enrolmentColumns } from '../output/enrolment/enrolment-columns.ts'
import { dryRunWords, tellDryRun } from '../session/dry-run.ts'
import { enrolmentName } from '../session/references.ts'
import { isForPeople, type Session } from '../session/session.ts'
import { age } from '../terminal/times.ts'
import {
  agreeOnMany,
  decideEach,
  endMany,
  type ManyConsent,
  type ManyWords,
  requireAgreeableMany
} from './decide-many.ts'
import { type Machines, selectMachines } from './select.ts'
import type { Selection } from './selection-options.ts'

/** A verb for many machines. */
export interface MachinesVerb {
  event: Event
  done: string
  controlPlanesByName?: true
  /** Text that a person must read before the act, if it is severe for some of the machines. */
  warning?(machines: readonly SeenEnrolment[]): string | undefined
  /** Decides about one of them, exactly as it was listed. */
  decide(machine: SeenEnrolment): Promise<SeenEnrolment>
}

/** States in which the event is possible. */
export const statesFor = (event: Event): readonly State[] => statesThat(({ state }) => next(state, event) !== undefined)

/** Selects machines for a verb, shows them, and asks once. Says which ones are left out. */
export const agreeOnMachines = async (
  selection: Selection,
  consent: ManyConsent,
  verb: MachinesVerb,
  session: Session
): Promise<SeenEnrolment[]> => {
  const words = wordsOf(verb)
  requireAgreeableMany(consent, words, session)
  const { taken, leftOut } = await selectMachines(session.client, selection, verb)
  tellLeftOut(leftOut, session)
  const warning = verb.warning?.(taken)
  const agreed = await agreeOnMany(taken, columnsFor(selection), words, { ...consent, warning }, session)
  return agreed ? taken : []
}

/**
 * Decides about all machines of a selection, each as it was shown, and ends with the summary. `follow`: what comes next with those
 * that were decided about; it prints them itself.
 */
export const decideMachines = async (
  selection: Selection,
  consent: ManyConsent,
  verb: MachinesVerb,
  session: Session,
  follow = printDone
): Promise<void> => {
  const machines = await agreeOnMachines(selection, consent, verb, session)
  const outcome = await decideEach(machines, (machine) => decideOne(machine, verb, consent, session))
  tellDryRun(consent.dryRun, session)
  const others = await follow(outcome.done, session).then(() => [], errorsOf)
  if (machines.length === 0) return
  endMany(outcome, `${verb.done}${dryRunWords(consent.dryRun)}`, ({ name }) => name, session, others)
}

const printDone = async (done: readonly SeenEnrolment[], session: Session): Promise<void> => {
  printDocument(session, { items: done }, () => done.map((one) => enrolmentName(one)))
}

/** The errors in an error, which may hold several. */
export const errorsOf = (error: unknown): unknown[] => (error instanceof AggregateError ? error.errors : [error])

/** Decides about one machine of a selection, and says so. */
export const decideOne = async (
  machine: SeenEnrolment,
  { decide, done }: Pick<MachinesVerb, 'decide' | 'done'>,
  { dryRun }: Pick<ManyConsent, 'dryRun'>,
  { client, terminal, format }: Session
): Promise<SeenEnrolment> => {
  client.cover(machine)
  const after = await decide(machine)
  if (isForPeople(format)) terminal.out(`enrolment/${escapeText(machine.name)} ${done}${dryRunWords(dryRun)}\n`)
  return after
}

const wordsOf = ({ event, done }: MachinesVerb): ManyWords => ({ verb: event, done, nouns: ['machine', 'machines'] })

/** Most machines that are named with the reason why they are left out. */
const namedAtMost = 10

const tellLeftOut = (leftOut: Machines['leftOut'], { terminal }: Session): void => {
  for (const { machine, why } of leftOut.slice(0, namedAtMost)) {
    terminal.err(`${escapeText(terminal.told(`${machine.name} is left out: ${why}`))}\n`)
  }
  const more = leftOut.length - namedAtMost
  if (more > 0) terminal.err(`${more} more are left out for such a reason\n`)
}

/** Columns of the table that is agreed on: the ones by which a person knows a machine. */
const summaryColumns: readonly Column<SeenEnrolment>[] = [
  'NAME',
  'STATE',
  'ROLE',
  'ADDRESS',
  'PREFLIGHT',
  'AGE',
  'KEY'
].flatMap((header) =>
  enrolmentColumns.filter((column) => column.header === header).map(({ wide: _, ...column }) => column)
)

const columnsFor = ({ restored }: Selection): readonly Column<SeenEnrolment>[] =>
  restored ? [...summaryColumns, ...restoredColumns] : summaryColumns

/** Columns of the approval that was taken back. Its key is the one in the column before. */
const restoredColumns: readonly Column<SeenEnrolment>[] = [
  {
    header: 'APPROVED',
    cell: ({ restored }, now) => (restored === undefined ? '<none>' : `${age(restored.at, now)} ago`)
  },
  { header: 'BY', cell: ({ restored }) => restored?.by ?? '<none>' },
  { header: 'REVISION', cell: ({ restored }) => `${restored?.revision ?? '<none>'}` }
]
