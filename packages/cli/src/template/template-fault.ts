import { CommandEnd } from '@joinery/host/command-end'
import { escapeText } from '@joinery/protocol'
import { exitCodes } from '../terminal/errors.ts'

/** Something that the operator typed as an option, such as a template. */
export interface Typed {
  /** The option, as `-o jsonpath`. */
  option: string
  text: string
}

/** Most characters of a template before and behind its mistake that are shown. */
const near = 40

/** A mistake in a template: a usage error that shows the place. */
export class TemplateFault extends CommandEnd {
  /** Two lines: the text around the mistake, and a pointer below it. */
  readonly pointer: string

  constructor({ option, text }: Typed, message: string, at: number) {
    super(exitCodes.usage, `${option}: ${message}`)
    const begin = Math.max(0, at - near)
    const before = `${begin > 0 ? '...' : ''}${escapeText(text.slice(begin, at))}`
    const end = at + near
    const after = `${escapeText(text.slice(at, end))}${end < text.length ? '...' : ''}`
    this.pointer = `  ${before}${after}\n  ${' '.repeat(before.length)}^\n`
  }
}
