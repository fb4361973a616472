import { CommandEnd } from '@joinery/host/command-end'
import type { Cell } from '@joinery/host/text/table'
import type { List } from '@joinery/protocol'
import { fullBudget } from '../template/budget.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Column } from './columns.ts'

/** The value of an item by which a list is sorted. Undefined if the item has none. */
type SortValue<T> = (item: T) => unknown

/** Reads `--sort-by`: the name of a column, in any case, else the path of a field. Throws the mistake in it. */
export const readSortBy = async <T>(
  sortBy: string,
  columns: readonly Column<T>[],
  now: Date
): Promise<SortValue<T>> => {
  const column = columnOf(sortBy, columns)
  if (column !== undefined) return column.sorts ?? ((item) => wordOfCell(column.cell(item, now)))
  const { readRelaxedPath } = await import('../template/path.ts')
  const path = readRelaxedPath({ option: '--sort-by', text: sortBy })
  const budget = fullBudget()
  return (item) => path(item, budget)[0]
}

/** The column of this name, in any case. */
export const columnOf = <T>(name: string, columns: readonly Column<T>[]): Column<T> | undefined =>
  columns.find(({ header }) => header.toLowerCase() === name.toLowerCase())

/** The text of a cell. Null for one that says that there is nothing, such as `<none>`. */
const wordOfCell = (cell: Cell): string | null => {
  const text = typeof cell === 'string' ? cell : cell.text
  return /^<.*>$/.test(text) ? null : text
}

/** Asks for a list. `left`: how many more items there are, if that is known. */
export interface Asked<T> extends List<T> {
  left?: number
}

/** The things by which a list is chosen and ordered that the server does not know. */
export interface Choice<T> {
  sortBy?: string | undefined
  /** True for the items that are wanted. */
  fits?: ((item: T) => boolean) | undefined
}

/**
 * The list as the server gives it. If it must be sorted or chosen from, the whole list is asked for, and its first items are given: a page
 * sorted alone would be no page of the sorted list. Throws if the list has items, and none of them has the field.
 */
export const askSorted = async <T, Q extends { limit?: string }>(
  ask: (query: Q) => Promise<List<T>>,
  query: Q,
  { sortBy, fits }: Choice<T>,
  { columns, now }: { columns: readonly Column<T>[]; now: Date }
): Promise<Asked<T>> => {
  if (sortBy === undefined && fits === undefined) return ask(query)
  const sortValue = sortBy === undefined ? undefined : await readSortBy(sortBy, columns, now)
  const { limit, ...whole } = query
  const all = (await ask(whole as Q)).items
  const items = fits === undefined ? all : all.filter(fits)
  const sorted = sortValue === undefined ? items : sortItems(items, sortValue, sortBy, columns)
  const first = limit === undefined ? sorted : sorted.slice(0, Number(limit))
  return { items: first, ...(first.length < sorted.length && { left: sorted.length - first.length }) }
}

const sortItems = <T>(
  items: readonly T[],
  sortValue: SortValue<T>,
  sortBy: string | undefined,
  columns: readonly Column<T>[]
): T[] => {
  const valued = items.map((item) => ({ item, value: sortValue(item) }))
  if (items.length > 0 && valued.every(({ value }) => value === undefined)) {
    const known = columns.map(({ header }) => header).join(', ')
    throw new CommandEnd(
      exitCodes.usage,
      `no item has the field ${sortBy}`,
      `give a field's path or a column: ${known}`
    )
  }
  return valued.sort((one, other) => compare(one.value, other.value)).map(({ item }) => item)
}

/** Numbers in a text count as numbers: `node-2` comes before `node-10`, as in kubectl. */
const collator = new Intl.Collator('en', { numeric: true })

/** Order of two values of one field: numbers, then texts, then the others. An item without the field comes last. */
const compare = (one: unknown, other: unknown): number => {
  const [first, second] = [rankOf(one), rankOf(other)]
  if (first !== second) return first - second
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return collator.compare(wordOf(one), wordOf(other))
}

const rankOf = (value: unknown): number => {
  if (value === undefined || value === null) return 3
  return typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : 2
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
