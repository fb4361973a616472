import { CommandEnd } from '@joinery/host/command-end'
import { escapeText, hasEnded } from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { SeenEnrolmentDetail } from '../../operator-client.ts'
import { type LogLine, logLines, type Which } from '../../output/log/log-lines.ts'
import { logText } from '../../output/log/print-log.ts'
import { enrolmentArgument } from '../../session/references.ts'
import { requireHost } from '../../session/require-host.ts'
import { inSession, type Session } from '../../session/session.ts'
import { exitCodes, isOutage } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery logs node-1                             what its agent said and kubeadm printed, in the newest attempt
  joinery logs node-1 --previous                  in the attempt before
  joinery logs node-1 --tail 20
  joinery logs node-1 --follow                    and each new line, until its way is over, or Ctrl-C
`

interface Options {
  follow?: true
  previous?: true
  tail?: number
}

export const addLogs = (program: Command, terminal: Terminal): Command =>
  program
    .command('logs')
    .description('print what happened to a machine: the words of its agent, the output of kubeadm, and the timeline')
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>'))
    .addOption(new Option('-f, --follow', 'print each new line as it comes').conflicts('previous'))
    .option('-p, --previous', 'the attempt before the newest one')
    .option('--tail <lines>', 'only the last lines (default: all)', parseLines)
    .action((name: string, options: Options, command) =>
      inSession(command, terminal, (session) => logs(name, options, session))
    )

const parseLines = (text: string): number => {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('give a number of lines.')
}

const logs = async (name: string, { follow, previous, tail }: Options, session: Session): Promise<void> => {
  const { client, terminal } = session
  if (previous) {
    const what = 'see an attempt before the newest one'
    requireHost(client, { what, command: `joinery logs ${name} --previous`, host: "on the pairing server's host" })
  }
  const enrolment = await client.show(name)
  const lines = wanted(enrolment, previous ? 'previous' : 'newest')
  const widths: number[] = []
  terminal.out(
    logText(tail === undefined ? lines : lines.slice(lines.length - Math.min(tail, lines.length)), terminal, widths)
  )
  if (enrolment.timeline === undefined) terminal.err(notInKubernetes(name))
  if (follow) await followLog({ name, enrolment, lines, widths }, session)
}

const notInKubernetes = (name: string): string =>
  `Not in Kubernetes: the lines of agent and kubeadm, and the timeline; joinery logs ${escapeText(name)} on the pairing server's host has them\n`

const wanted = (enrolment: SeenEnrolmentDetail, which: Which): LogLine[] => {
  const lines = logLines(enrolment, which)
  if (lines !== undefined) return lines
  const remedy = `joinery logs ${escapeText(enrolment.name)}`
  throw new CommandEnd(exitCodes.notFound, 'there was no attempt before the newest one', remedy)
}

/** Milliseconds between two looks of a person who follows. */
const interval = 1000

interface Followed {
  name: string
  enrolment: SeenEnrolmentDetail
  lines: LogLine[]
  widths: number[]
}

/** Prints what is new, until nothing more can come. A server that is away is no reason to end. */
const followLog = async (followed: Followed, { client, terminal }: Session): Promise<void> => {
  const printed = new Set(followed.lines.map((line) => JSON.stringify(line)))
  let away = false
  for (let { enrolment } = followed; !isOver(enrolment); ) {
    await terminal.pause(interval)
    try {
      enrolment = await client.show(enrolment.id)
    } catch (error) {
      if (!isOutage(error)) throw error
      if (!away) terminal.err(`The pairing server does not answer: ${escapeText(error.message)}\n`)
      away = true
      continue
    }
    away = false
    const fresh = wanted(enrolment, 'newest').filter((line) => !printed.has(JSON.stringify(line)))
    for (const line of fresh) printed.add(JSON.stringify(line))
    if (fresh.length > 0) terminal.out(logText(fresh, terminal, followed.widths))
  }
}

/** True if the machine's way has come to its end, a good one or another. */
const isOver = (enrolment: SeenEnrolmentDetail): boolean => enrolment.state === 'ready' || hasEnded(enrolment)
