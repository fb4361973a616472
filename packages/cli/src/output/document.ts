import { asciiJson, toJson } from '@joinery/host/text/json'
import type { Session } from '../session/session.ts'
import { fullBudget } from '../template/budget.ts'
import type { CustomColumn } from '../template/custom-columns.ts'
import { type Column, columnTable } from './columns.ts'
import { toYaml } from './yaml.ts'

/** The parts of a session that decide how a document is printed. */
export type Printer = Omit<Session, 'client' | 'door' | 'kubeconfig' | 'kubectl'>

/** Prints `answer` if the output is for a program, and returns whether it did. `names` gives the text of `-o name`. */
export const printDocument = (
  session: Printer,
  answer: unknown,
  names: () => readonly string[] = () => []
): boolean => {
  const text = documentText(session, answer, names)
  if (text !== undefined) session.terminal.out(text)
  return text !== undefined
}

/** The text for a program. Undefined if the output is for people. */
export const documentText = (
  session: Printer,
  answer: unknown,
  names: () => readonly string[] = () => []
): string | undefined => {
  const { format, template, customColumns, streams, headers } = session
  if (template !== undefined) return template(answer)
  if (customColumns !== undefined) return columnTable(columnsOf(customColumns), session, itemsOf(answer), headers)
  if (format === 'json') return streams ? `${asciiJson(JSON.stringify(answer))}\n` : toJson(answer)
  if (format === 'yaml') return toYaml(answer)
  return format === 'name' ? lines(names()) : undefined
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')

/** The operator's own columns as those of a table. All their cells share one budget. */
export const columnsOf = (customColumns: readonly CustomColumn[]): Column<unknown>[] => {
  const budget = fullBudget()
  return customColumns.map(({ header, cell }) => ({ header, cell: (item) => cell(item, budget) }))
}

/** The rows of a table of an answer: the items of a list, or the one document. */
const itemsOf = (answer: unknown): readonly unknown[] =>
  typeof answer === 'object' && answer !== null && 'items' in answer && Array.isArray(answer.items)
    ? answer.items
    : [answer]
