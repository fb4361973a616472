import type { Screen } from '../terminal/terminal.ts'

/** Begins each line of a machine's text, and each rest of a line for which the screen has no room. */
export const bar = '  | '

/** Lower bound for the width of a screen. */
const narrowest = 40

/**
 * Breaks lines that are longer than the screen, and goes on behind the bar. The screen itself would break them so that
 * a machine's text begins a line and looks like one of ours. `begin`: the text at the beginning of each line.
 */
export const fold = (text: string, { columns }: Pick<Screen, 'columns'>, begin = ''): string => {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => broken(`${begin}${line}`.trimEnd(), columns)).join('')
}

const broken = (line: string, columns: number | undefined): string => {
  if (columns === undefined) return `${line}\n`
  const room = Math.max(columns, narrowest)
  const [first, rest] = cut(line, room)
  return rest === '' ? `${line}\n` : `${first}\n${broken(`${bar}${rest}`, columns)}`
}

/** The first `room` characters and the others; what colours them takes none. */
const cut = (line: string, room: number): [first: string, rest: string] => {
  const colour = '(?:\\x1b\\[\\d+m)*'
  const [first = ''] = new RegExp(`^(?:${colour}[^\\x1b]){0,${room}}${colour}`).exec(line) ?? []
  return [first, line.slice(first.length)]
}
