import { stripVTControlCharacters } from 'node:util'

/** Variables of the environment that choose a pager. */
export interface PagerEnvironment {
  JOINERY_PAGER?: string | undefined
  PAGER?: string | undefined
  TERM?: string | undefined
  LESS?: string | undefined
  LV?: string | undefined
}

/** A pager and the variables that it gets, or the reason why a value is not run. */
export type Pager = PagerCommand | { refused: string }
export interface PagerCommand {
  argv: [program: string, ...args: string[]]
  env: Record<string, string>
  /** True if nobody chose it: it may be missing. */
  isUsual: boolean
}

/**
 * Decides which pager shows a long text. As git does: JOINERY_PAGER, else PAGER, else less; empty or `cat` is none; less gets FRX,
 * unless LESS says something else. Not as git does: no shell runs the value. `joinery` is a program of root, and a value that a
 * shell expands is a program that nobody has looked at. For the same reason less may start no other program.
 */
export const decidePager = ({ JOINERY_PAGER, PAGER, TERM, LESS, LV }: PagerEnvironment): Pager | undefined => {
  if (TERM === 'dumb') return undefined
  const [name, value] = JOINERY_PAGER === undefined ? ['PAGER', PAGER ?? 'less'] : ['JOINERY_PAGER', JOINERY_PAGER]
  const [program, ...args] = value.split(/\s+/).filter(Boolean)
  if (program === undefined || (program === 'cat' && args.length === 0)) return undefined
  if (/[^\w\s./:=+,@%-]/.test(value)) {
    return { refused: `${name} is not run by a shell: it may have only a program and its options` }
  }
  return {
    argv: [program, ...args],
    isUsual: JOINERY_PAGER === undefined && PAGER === undefined,
    env: {
      ...(LESS === undefined && { LESS: 'FRX' }),
      ...(LV === undefined && { LV: '-c' }),
      LESSSECURE: '1'
    }
  }
}

/** A screen in characters. */
export interface ScreenSize {
  rows: number
  columns: number
}

/** True if a text has more lines than the screen, of which one is for the prompt of the shell. */
export const isLong = (text: string, { rows, columns }: ScreenSize): boolean => {
  const lines = stripVTControlCharacters(text).split('\n').slice(0, -1)
  const taken = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0)
  return taken >= rows
}
