import { shellWord } from '@joinery/host/text/shell-word'
import { type EnrolmentQuery, type State, states } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Command } from 'commander'
import type { Change } from '../follow/following.ts'
import type { SeenEnrolment } from '../operator-client.ts'
import { columnTable } from '../output/columns.ts'
import { printDocument } from '../output/document.ts'
import { enrolmentColumns } from '../output/enrolment/enrolment-columns.ts'
import { addListOptions, type ListOptions, printPage, queryOf, stateOption } from '../output/list-options.ts'
import { printNext, printNextFor } from '../output/next-command.ts'
import { askSorted, columnOf } from '../output/sort.ts'
import { follow } from '../output/watch/follow.ts'
import { itemPrinter } from '../output/watch/watch-items.ts'
import { fitsLabels, type Requirement, selectorText } from '../selection/label-selector.ts'
import { wholeCode } from '../selection/select.ts'
import { selectorOption } from '../selection/selection-options.ts'
import { enrolmentName, referencesIn } from '../session/references.ts'
import { inPages, isForPeople, outputOption, type Session } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery list                                    all machines that wait, join or are Ready
  joinery list --watch                            the list, then each change, until Ctrl-C
  joinery list --state failed,expired             only these states; also --name, --role and --code
  joinery list -l rack=r7,zone!=b                 only machines with these labels
  joinery list --limit 100                        a page, and the command for the next one
  joinery list --sort-by AGE --limit 5            the five newest; also by a field, such as .facts.memory
  joinery list -o wide --no-headers
  joinery list -o json | jq '.items[].state'
  joinery list -o custom-columns=NAME:.name,OS:.facts.os
`

interface Options extends ListOptions {
  state?: State[]
  code?: string
  selector?: readonly Requirement[]
}

export const addList = (program: Command, terminal: Terminal): Command =>
  addListOptions(
    program
      .command('list')
      .description('list the enrolments, each with the thing that it waits for')
      .addHelpText('before', examples)
      .addOption(stateOption(states))
      .option('--code <id>', 'only machines that used this code')
      .addOption(selectorOption('only machines').conflicts('continue')),
    enrolmentColumns
  )
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((options: Options, command) =>
      inPages(command, terminal, async (session) => {
        const code = options.code && (await wholeCode(session.client, options.code))
        const query = queryOf({ ...options, ...given({ code }) }, 'state', 'code')
        await (options.watch ? watchList(session, query, fitsOf(options)) : list(session, query, options))
      })
    )

type Fits = ((enrolment: SeenEnrolment) => boolean) | undefined

/** Most machines that the next command names. More are selected. */
const namedAtMost = 5

/** Options that select those that wait, of the machines that were listed. */
const selectPending = ({ role, code, selector }: Options): string =>
  [
    '--state pending',
    ...(role === undefined ? [] : [`--role ${role}`]),
    ...(code === undefined ? [] : [`--code ${shellWord(code)}`]),
    ...(selector === undefined ? [] : [`-l ${shellWord(selectorText(selector))}`])
  ].join(' ')

const fitsOf = ({ selector }: Options): Fits => selector && (({ labels = {} }) => fitsLabels(selector, labels))

const watchList = async (session: Session, query: EnrolmentQuery, fits: Fits = () => true): Promise<void> => {
  const isAll = Object.keys(query).length === 0
  const print = itemPrinter(session, enrolmentColumns)
  const following = await session.client.follow(query)
  const take = ({ changed }: Change<SeenEnrolment>): boolean => {
    const seen = changed.filter(fits)
    const called = (enrolment: SeenEnrolment): string =>
      isAll ? enrolmentName(enrolment, following.items) : `enrolment/${enrolment.id}`
    if (seen.length > 0) print(seen, called)
    return false
  }
  await follow(following, take, session)
}

/** True if more is printed, or sorted by, than a table has: whole enrolments are a hundred megabytes if there are many. */
const needsWhole = ({ format }: Pick<Session, 'format'>, sortBy: string | undefined): boolean =>
  !(isForPeople(format) || format === 'name') ||
  (sortBy !== undefined && columnOf(sortBy, enrolmentColumns) === undefined)

const list = async (session: Session, query: EnrolmentQuery, options: Options): Promise<void> => {
  const { client, terminal, headers } = session
  const [{ sortBy }, fits] = [options, fitsOf(options)]
  const { left, ...answer } = await askSorted(
    needsWhole(session, sortBy) ? client.list : client.listRows,
    query,
    { sortBy, fits },
    {
      columns: enrolmentColumns,
      now: terminal.now()
    }
  )
  const { items } = answer
  // on a page of a longer list nobody can tell which name belongs to one enrolment only
  const isAll = Object.keys(query).length === 0 && fits === undefined
  const referenceOf = referencesIn(items)
  const called = (enrolment: SeenEnrolment): string => (isAll ? referenceOf(enrolment) : enrolment.id)
  if (printDocument(session, answer, () => items.map((enrolment) => `enrolment/${called(enrolment)}`))) return
  if (items.length === 0) {
    if (!isAll) return terminal.err('No enrolment fits these options.\n')
    terminal.err('No machine has enrolled yet.\n')
    return printNext(terminal, 'joinery code create')
  }
  terminal.out(columnTable(enrolmentColumns, session, items, headers))
  // a name that two have is refused, with their ids
  const references = (wanted: SeenEnrolment['state']) =>
    items
      .filter(({ state }) => state === wanted)
      .map((enrolment) => (enrolment.nameConflict === undefined ? referenceOf(enrolment) : enrolment.id))
  for (const reference of references('frozen')) printNext(terminal, `joinery show ${reference}`)
  const pending = references('pending')
  const isFew = pending.length <= namedAtMost || options.name !== undefined
  if (pending.length > 0)
    printNextFor(terminal, { state: 'pending' }, isFew ? pending.join(' ') : selectPending(options))
  printPage(terminal, 'joinery list', query, answer.metadata, left)
}
