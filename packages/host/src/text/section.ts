import { type Cell, table } from './table.ts'

/** A table under its title, indented, as `kubectl describe` prints it. */
export const section = (title: string, rows: Cell[][], colour: boolean): string =>
  `${title}:\n${table(rows, colour).replace(/^(?=.)/gm, '  ')}`
