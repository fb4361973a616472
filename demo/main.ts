import { rm } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { run } from '@joinery/cli/testing/program'
import { exec } from '@joinery/cli/testing/terminal'
import { wantsColour } from '@joinery/host/text/wants-colour'
import { pnpm } from './command-line.ts'
import { runDemo } from './demo.ts'
import { makeFolder } from './folder.ts'
import { help, type Options, parseOptions } from './options.ts'
import { plainScreen, redrawnScreen } from './screen.ts'

const { stdout, stderr } = process
const colour = wantsColour(process.env, stdout.isTTY)
const goesBack = stdout.isTTY && process.env.TERM !== 'dumb'

const demo = async ({ once }: Options): Promise<void> => {
  const stop = new AbortController()
  // pnpm passes a signal on that a terminal has sent to both: a second one must not end it before its folder is gone
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort())
  // nobody is left to tell
  stdout.on('error', () => stop.abort())
  const folder = await makeFolder()
  stdout.write(`Rehearsal: four machines join a cluster. The pairing server, the agents and the
joinery command are the real ones; kubeadm, kubelets and Kubernetes are played.
All is in ${folder}; ${once ? 'the end' : 'Ctrl-C ends it and'} removes it.\n\n`)
  const screen = goesBack ? redrawnScreen(stdout, colour) : plainScreen(stdout, colour)
  const finale = async (socket: string): Promise<void> => {
    await joinery(socket, 'list')
    await joinery(socket, 'show', 'edge-1')
    stderr.write(`Next: ${pnpm} demo\n`)
  }
  const link = (url: string): void => {
    stdout.write(`Its console, for a browser on this machine, good once and for 10 minutes:\n  ${url}\n\n`)
  }
  try {
    await runDemo({ folder, once, screen, signal: stop.signal, link, finale })
  } finally {
    await rm(folder, { recursive: true })
  }
}

const joinery = (socket: string, ...words: string[]) => {
  stdout.write(`\n$ joinery ${words.join(' ')}\n`)
  return run(['--socket', socket, ...words], {
    out: (text) => stdout.write(text),
    deliver: async (text) => void stdout.write(text),
    err: (text) => stderr.write(text),
    now: () => new Date(),
    pause: (milliseconds) => setTimeout(milliseconds),
    exec,
    colour
  })
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') stdout.write(help)
  else await demo(options)
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException
  stderr.write(`error: ${message}\n`)
  process.exitCode = code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1
}
