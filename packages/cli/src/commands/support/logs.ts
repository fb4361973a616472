import { CommandEnd } from '@joinery/host/command-end'
import { escapeText, hasEnded, isReady } from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { SeenEnrolmentDetail } from '../../operator-client.ts'
import { type LogLine, logLines, type Which } from '../../output/log/log-lines.ts'
import { logText } from '../../output/log/print-log.ts'
import { watch } from '../../output/watch/watch.ts'
import { enrolmentArgument } from '../../session/references.ts'
import { requireHost } from '../../session/require-host.ts'
import { inSession, type Session } from '../../session/session.ts'
import { exitCodes } from '../../terminal/errors.ts'
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
  const printing = printerOf(tail, terminal)
  let found: SeenEnrolmentDetail | undefined
  // by its id from the second look on: the name may mean another machine later
  const look = () => client.show(found?.id ?? name)
  const show = (enrolment: SeenEnrolmentDetail): void => {
    printing(wanted(enrolment, previous ? 'previous' : 'newest'))
    if (found === undefined && enrolment.timeline === undefined) terminal.err(notInKubernetes(name))
    found = enrolment
  }
  if (follow) await watch(session, { look, show, isOver })
  else show(await look())
}

/** Prints the last lines of the first look, and then the ones that are new. */
const printerOf = (tail: number | undefined, terminal: Terminal): ((lines: readonly LogLine[]) => void) => {
  const printed = new Set<string>()
  const widths: number[] = []
  let isFirst = true
  return (lines) => {
    const fresh = lines.filter((line) => !printed.has(JSON.stringify(line)))
    for (const line of fresh) printed.add(JSON.stringify(line))
    const shown = isFirst && tail !== undefined ? fresh.slice(Math.max(0, fresh.length - tail)) : fresh
    isFirst = false
    if (shown.length > 0) terminal.out(logText(shown, terminal, widths))
  }
}

const notInKubernetes = (name: string): string =>
  `Not in Kubernetes: the lines of agent and kubeadm, and the timeline; sudo joinery logs ${escapeText(name)} on the pairing server's host has them\n`

const wanted = (enrolment: SeenEnrolmentDetail, which: Which): LogLine[] => {
  const lines = logLines(enrolment, which)
  if (lines !== undefined) return lines
  const remedy = `joinery logs ${escapeText(enrolment.name)}`
  throw new CommandEnd(exitCodes.notFound, 'there was no attempt before the newest one', remedy)
}

/** True if the machine's way has come to its end, a good one or another. */
const isOver = (enrolment: SeenEnrolmentDetail): boolean => isReady(enrolment) || hasEnded(enrolment)
