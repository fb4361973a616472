import { shellWord } from '@joinery/host/text/shell-word'
import { escapeText, isNodeName, type NodeQuery } from '@joinery/protocol'
import type { Command } from 'commander'
import type { SeenNode } from '../operator-client.ts'
import { columnTable } from '../output/columns.ts'
import { printDocument } from '../output/document.ts'
import { addListOptions, type ListOptions, printPage, queryOf } from '../output/list-options.ts'
import { printNext } from '../output/next-command.ts'
import { nodeColumns } from '../output/node-columns.ts'
import { askSorted } from '../output/sort.ts'
import { watchItems } from '../output/watch/watch-items.ts'
import { inPages, outputOption, type Session } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery nodes                                   the origin of each Node, and anything wrong
  joinery nodes -o wide                           also uid, machine id, and the version that its agent said last
  joinery nodes --role control-plane              only one role; also --name
  joinery nodes --limit 100                       a page, and the command for the next one
  joinery nodes --watch                           each change, until Ctrl-C
  joinery nodes -o json | jq -r '.items[] | select(.trace != "enrolled") | .name'
`

export const addNodes = (program: Command, terminal: Terminal): Command =>
  addListOptions(
    program
      .command('nodes')
      .description('list the Nodes of the cluster, each with its enrolment')
      .addHelpText('before', examples),
    nodeColumns
  )
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((options: ListOptions, command) =>
      inPages(command, terminal, (session) =>
        options.watch ? watchNodes(session, queryOf(options)) : nodes(session, queryOf(options), options.sortBy)
      )
    )

/** Shortest time between two looks, in milliseconds: each costs the cluster a list of all its Nodes. */
const watchInterval = 5000

const watchNodes = (session: Session, query: NodeQuery): Promise<void> =>
  watchItems(session, {
    // the words of a kubelet may be others at each look, and are no change
    look: async () => (await session.client.listNodes(query)).items.map(({ message: _, ...node }) => node),
    interval: watchInterval,
    columns: nodeColumns,
    id: ({ uid }) => uid,
    name: nodeName
  })

const nodeName = ({ name }: SeenNode): string => `node/${escapeText(name)}`

const nodes = async (session: Session, query: NodeQuery, sortBy: string | undefined): Promise<void> => {
  const { client, terminal, headers } = session
  const { left, ...answer } = await askSorted(
    client.listNodes,
    query,
    { sortBy },
    {
      columns: nodeColumns,
      now: terminal.now()
    }
  )
  const { items } = answer
  if (printDocument(session, answer, () => items.map(nodeName))) return
  if (items.length === 0) {
    const isAll = Object.keys(query).length === 0
    if (!isAll) return terminal.err('No Node fits these options.\n')
    terminal.err('The cluster has no Node yet.\n')
    return printNext(terminal, 'joinery list')
  }
  terminal.out(columnTable(nodeColumns, session, items, headers))
  for (const { name, warning } of items) {
    if (warning !== undefined) terminal.err(`${escapeText(`${name}: ${warning}`)}\n`)
  }
  printTooOld(terminal, items)
  for (const { name, condition, enrolment, trace, wrong } of items) {
    if (wrong === undefined && condition === 'Ready') continue
    // an enrolment that must not have a Node may share its name with the one that must
    const reference = trace === 'enrolled' && isNodeName(name) ? name : enrolment?.id
    const ours = wrong === undefined ? `joinery why ${reference}` : `joinery show ${reference}`
    printNext(terminal, enrolment === undefined ? `kubectl describe node ${shellWord(name)}` : ours)
  }
  printPage(terminal, 'joinery nodes', query, answer.metadata, left)
}

/** Most names in one line about several Nodes. */
const namesShown = 16

const printTooOld = ({ err }: Terminal, items: readonly SeenNode[]): void => {
  const names = items.filter(({ agent }) => agent?.tooOld).map(({ name }) => name)
  if (names.length === 0) return
  const named = names.slice(0, namesShown).join(', ') + (names.length > namesShown ? ', ...' : '')
  const said = `joinery-agent is too old for this server on ${names.length} of these: ${named}; upgrade that package there`
  err(`${escapeText(said)}\n`)
}
