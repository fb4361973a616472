import { type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Sign that the command has ended. No command says it. */
const over = '\x1e'

/**
 * Starts a shell's command on a terminal of its own. Its exit code is that of the command. What is typed is written to `stdin`.
 *
 * The terminal stays until all that was said on it has been read: `script` (util-linux) leaves 10 ms after its command, and on a
 * busy machine the kernel hands over the last lines later than that.
 */
export const onTerminal = (command: string, options: SpawnOptionsWithoutStdio): ChildProcessWithoutNullStreams => {
  // Ctrl-C is for the command alone; what was typed ahead and nobody read does not end the wait
  const words = `trap : INT; ${command}\ncode=$?; printf '${over}'; until read -r line && [ "$line" = over ]; do :; done; exit $code`
  const terminal = spawn('script', ['--quiet', '--return', '--command', words, '/dev/null'], {
    ...options,
    env: { ...options.env, SHELL: '/bin/sh' }
  })
  const look = (text: string): void => {
    if (!text.includes(over)) return
    terminal.stdout.off('data', look)
    terminal.stdin.write('over\n')
  }
  terminal.stdout.setEncoding('utf8').on('data', look)
  return terminal
}

/** Words of the command, with the line ends of a file. */
export const screenOf = (output: string): string => (output.split(over)[0] ?? '').replaceAll('\r', '')

/** Runs a shell's command on a terminal to its end. `keys` are typed when its screen first has `at`. */
export const playOnTerminal = async (
  command: string,
  env: NodeJS.ProcessEnv,
  { at, keys = '' }: { at?: string | undefined; keys?: string } = {}
): Promise<{ exitCode: number; shown: string }> => {
  const terminal = onTerminal(command, { env })
  let output = ''
  terminal.stdout.on('data', (text: string) => {
    const before = output
    output += text
    if (at !== undefined && output.includes(at) && !before.includes(at)) terminal.stdin.write(keys)
  })
  const [exitCode] = await once(terminal, 'close')
  return { exitCode: exitCode as number, shown: screenOf(output) }
}
