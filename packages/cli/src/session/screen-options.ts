import type { Command } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'

/** Adds the options that say how a command speaks with a person. Every command takes them. */
export const addScreenOptions = (program: Command): Command =>
  program
    .option('-q, --quiet', 'print no messages but errors and warnings; data is printed as always')
    .option('--no-input', 'never ask, as if there were no terminal')
    .option('--no-headers', 'print tables without headers')
    .option('--no-pager', 'print a long text as it is, without a pager')
    .option('--no-color', 'print without colours, as with NO_COLOR in the environment')

interface Options {
  quiet?: true
  input: boolean
  pager: boolean
  color: boolean
}

/** The terminal as the options of the command want it. */
export const terminalFor = (command: Command, terminal: Terminal): Terminal => {
  const { quiet, input, pager, color } = command.optsWithGlobals<Options>()
  const { ask, page, ...rest } = terminal
  const wanted: Terminal = {
    ...rest,
    ...(input && ask !== undefined && { ask }),
    ...(pager && page !== undefined && { page }),
    colour: terminal.colour && color
  }
  return quiet ? withoutMessages(wanted) : wanted
}

/** The same terminal without messages. What belongs to a question is shown before the question is asked. */
const withoutMessages = ({ ask, err, ...terminal }: Terminal): Terminal => {
  if (ask === undefined) return { ...terminal, err: () => {} }
  const held: string[] = []
  return {
    ...terminal,
    err: (text) => held.push(text),
    ask: (question) => {
      for (const text of held.splice(0)) err(text)
      return ask(question)
    }
  }
}

/** Does `work`, whose text goes through a pager if it is longer than the screen. Messages come when the pager has ended. */
export const paged = async (terminal: Terminal, work: (collected: Terminal) => Promise<void>): Promise<void> => {
  const { page, err } = terminal
  if (page === undefined) return work(terminal)
  let [shown, messages] = ['', '']
  const collected: Terminal = {
    ...terminal,
    out: (text) => {
      shown += text
    },
    err: (text) => {
      messages += text
    }
  }
  try {
    await work(collected)
  } finally {
    await page(shown)
    if (messages !== '') err(messages)
  }
}
