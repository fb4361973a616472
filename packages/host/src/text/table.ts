import { styleText } from 'node:util'
import { escapeText } from '@joinery/protocol'

export type Style = 'green' | 'yellow' | 'red'
export type Cell = string | { text: string; style: Style }

const gap = '   '

/**
 * Aligned columns as kubectl prints them. Every cell is escaped here, so that no caller can forget it. `widths` holds
 * the widths of the columns so far. They are kept and grow, for a table that is printed line by line.
 */
export const table = (rows: readonly Cell[][], colour: boolean, widths: number[] = []): string => {
  const lines = rows.map((row) => row.map(escaped))
  for (const line of lines) {
    for (const [column, { text }] of line.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length)
  }
  return lines
    .map((line) => line.map((cell, column) => paint(cell, colour) + padding(cell, widths[column])).join(gap))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

interface EscapedCell {
  text: string
  style?: Style
}

const escaped = (cell: Cell): EscapedCell =>
  typeof cell === 'string' ? { text: escapeText(cell) } : { ...cell, text: escapeText(cell.text) }

const paint = ({ text, style }: EscapedCell, colour: boolean): string =>
  colour && style !== undefined ? styleText(style, text, { validateStream: false }) : text

const padding = ({ text }: EscapedCell, width = 0): string => ' '.repeat(width - text.length)
