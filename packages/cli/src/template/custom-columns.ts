import type { Budget } from './budget.ts'
import { readRelaxedPath } from './path.ts'
import { endOfQuotes } from './scan-path.ts'
import { requireShort, textOf } from './template.ts'
import { TemplateFault, type Typed } from './template-fault.ts'

/** A column of the operator's own table. */
export interface CustomColumn {
  header: string
  /** The text of the column for an item. One budget is for a whole table. */
  cell(item: unknown, budget: Budget): string
}

/** Reads `NAME:.name,STATE:.state`, kubectl's grammar for `-o custom-columns`. Throws the mistake in it. */
export const readCustomColumns = (typed: Typed): CustomColumn[] => {
  requireShort(typed)
  const { text } = typed
  return partsOf(typed).map(([from, until]) => {
    const colon = text.slice(from, until).indexOf(':')
    if (colon < 0) throw new TemplateFault(typed, 'a column is HEADER:PATH, such as NAME:.name', from)
    const header = text.slice(from, from + colon).trim()
    if (header === '') throw new TemplateFault(typed, 'a column has no header', from)
    const path = readRelaxedPath(typed, from + colon + 1, until)
    return { header, cell: (item, budget) => path(item, budget).map(textOf).join(',') || '<none>' }
  })
}

/** The offsets of the parts between commas. A comma in brackets or in quotes separates nothing. */
const partsOf = (typed: Typed): [from: number, until: number][] => {
  const { text } = typed
  const parts: [number, number][] = []
  let [from, depth] = [0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (depth > 0 && (character === "'" || character === '"')) at = endOfQuotes(typed, at) - 1
    else if (character === '[') depth += 1
    else if (character === ']') depth -= 1
    else if (character === ',' && depth <= 0) {
      parts.push([from, at])
      from = at + 1
    }
  }
  return [...parts, [from, text.length]]
}
