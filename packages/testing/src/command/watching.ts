import { now } from './fixtures.ts'
import { runWith } from './operators.ts'

/**
 * Runs a command with `--watch` on `socket`, a look a second. `passed` is called between two looks, and `true` ends the watch like
 * Ctrl-C.
 */
export const watchOn = async (socket: string, passed: (seconds: number) => Promise<boolean>, ...words: string[]) => {
  let out = ''
  let err = ''
  let seconds = 0
  const pauses: number[] = []
  const interrupted = Promise.withResolvers<'interrupted'>()
  const ended = runWith([...words, '--watch'], {
    socket,
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    page: () => Promise.reject(new Error('a watch goes through no pager')),
    now: () => new Date(now.getTime() + seconds * 1000),
    pause: async (milliseconds) => {
      seconds++
      pauses.push(milliseconds)
      if (!(await passed(seconds))) return
      interrupted.resolve('interrupted')
      await new Promise(() => {})
    }
  })
  const end = await Promise.race([ended.then(({ exitCode }) => exitCode), interrupted.promise])
  return { end, out, err, pauses }
}
