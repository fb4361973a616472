import { stripVTControlCharacters } from 'node:util'
import { table } from '@joinery/host/text/table'
import type { Enrolment } from '@joinery/protocol'
import type { Note } from './notes.ts'
import { fittingTable, headers, rowOf } from './table.ts'

/** Shows how the machines are and what may be done now; called over and over. */
export type Screen = (enrolments: readonly Enrolment[], notes: readonly Note[]) => void

interface Output {
  write(text: string): unknown
  /** Of the terminal, now. */
  readonly columns: number
}

/** One table that is drawn again in its place, and only where it has changed: drawing takes a selection away. */
export const redrawnScreen = (output: Output, colour: boolean): Screen => {
  let drawn = ''
  return (enrolments, notes) => {
    const { columns } = output
    const frame = `${fittingTable(enrolments, colour, columns)}${notes.map((note) => `\n${lines(note)}`).join('')}`
    if (frame === drawn) return
    const back = rowsOf(drawn, columns)
    output.write(`${back > 0 ? `\x1b[${back}A` : ''}\x1b[J${frame}`)
    drawn = frame
  }
}

/** How many rows of a terminal a text takes that ends with its last line. */
const rowsOf = (text: string, columns: number): number =>
  stripVTControlCharacters(text)
    .split('\n')
    .slice(0, -1)
    .reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / columns)), 0)

/** A line for each change, and each note once: for a pipe, a file, or a terminal that cannot go back. */
export const plainScreen = (output: Pick<Output, 'write'>, colour: boolean): Screen => {
  const widths: number[] = []
  let before: string[] = []
  const noted = new Set<string>()
  return (enrolments, notes) => {
    const rows = enrolments.map((enrolment) => rowOf(enrolment))
    const changed = rows.filter((row) => !before.includes(JSON.stringify(row)))
    if (changed.length > 0) output.write(table(before.length === 0 ? [headers, ...changed] : changed, colour, widths))
    before = rows.map((row) => JSON.stringify(row))
    for (const text of notes.map(lines)) {
      if (!noted.has(text)) output.write(text)
      noted.add(text)
    }
  }
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')
