import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { failureText } from '@joinery/host/text/failure'
import { isLong, type Pager, type PagerCommand, type ScreenSize } from './pager.ts'
import type { Terminal } from './terminal.ts'

/** The way to show a text on a screen of this size: through the pager if it is long, else as it is. */
export const pageOn =
  (pager: Pager, size: () => ScreenSize, { out, err }: Pick<Terminal, 'out' | 'err'>): NonNullable<Terminal['page']> =>
  async (text) => {
    if (!isLong(text, size())) return out(text)
    const trouble = 'refused' in pager ? pager.refused : await show(text, pager)
    if (trouble === undefined) return
    out(text)
    if ('isUsual' in pager && pager.isUsual) return
    err(failureText({ cause: trouble, remedy: 'choose another one by JOINERY_PAGER, or take --no-pager' }))
  }

/** Shows the text, and resolves when the reader has seen enough. Resolves with the reason if the pager does not start. */
const show = async (text: string, { argv: [program, ...args], env }: PagerCommand): Promise<string | undefined> => {
  // Ctrl-C is the pager's as long as it runs: if this command ended first, the shell and the pager would read the same keys
  const stay = (): void => {}
  process.on('SIGINT', stay)
  try {
    const child = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, ...env } })
    // a reader who leaves early has seen enough
    child.stdin.on('error', () => {})
    child.stdin.end(text)
    await once(child, 'close')
    return undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return `the pager ${program} ${code === 'ENOENT' ? 'is not there' : `does not start: ${message}`}`
  } finally {
    process.off('SIGINT', stay)
  }
}
