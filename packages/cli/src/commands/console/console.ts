import { beta } from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { inSession } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { formatDuration, parseDuration } from '../../terminal/times.ts'

const examples = `Examples:
  joinery console                                 prints a link, and opens it if there is a screen
  joinery console --port 8443 --no-open           on a host without a screen; with ssh -L 8443:127.0.0.1:8443 from yours
  joinery --context prod console                  as a Kubernetes user, with the rights that you have there
`

interface Options {
  port: number
  open: boolean
  lifetime: number
}

/** Bounds and default of a console's lifetime, in seconds. */
const lifetimes = { minimum: 60, maximum: 24 * 3600, default: 8 * 3600 } as const

export const addConsole = (program: Command, terminal: Terminal): Command =>
  program
    .command('console')
    .description(`serve the console, a page for your browser on this machine, until Ctrl-C ${beta}`)
    .addHelpText('before', examples)
    .addOption(new Option('--port <number>', 'port to listen on; a free one if 0').default(0).argParser(parsePort))
    .option('--no-open', 'print the link only, and open no browser')
    .addOption(
      new Option('--lifetime <duration>', 'time after which the console ends')
        .default(lifetimes.default, formatDuration(lifetimes.default))
        .argParser(parseLifetime)
    )
    .action((options: Options, command) => {
      // who waits for a page sees no question on the terminal
      const { ask: _, ...silent } = terminal
      return inSession(command, { ...silent, err: eachOnce(terminal.err) }, async (session) => {
        // no other command needs an HTTP server
        const { serveConsole } = await import('../../console/serve.ts')
        await serveConsole(session, options)
      })
    })

/** Most lines that are remembered. */
const linesAtMost = 1000

/** Says each line once: the console looks every second, and would say each time what it leaves out. */
const eachOnce = (err: Terminal['err']): Terminal['err'] => {
  const said = new Set<string>()
  return (line) => {
    if (said.has(line)) return
    if (said.size >= linesAtMost) said.clear()
    said.add(line)
    err(line)
  }
}

const parsePort = (text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port === 0 || (port >= 1024 && port <= 65_535)) return port
  throw new InvalidArgumentError('give a number from 1024 to 65535.')
}

const parseLifetime = (text: string): number => {
  const seconds = parseDuration(text)
  if (seconds !== undefined && seconds >= lifetimes.minimum && seconds <= lifetimes.maximum) return seconds
  const [least, most] = [lifetimes.minimum, lifetimes.maximum].map(formatDuration)
  throw new InvalidArgumentError(`give a duration from ${least} to ${most}, like 8h.`)
}
