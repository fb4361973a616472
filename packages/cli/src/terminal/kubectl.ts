import { shellWord } from '@joinery/host/text/shell-word'
import type { Terminal } from './terminal.ts'

/** The way to run kubectl with the operator's own rights. */
export interface Kubectl {
  terminal: Pick<Terminal, 'err' | 'exec'>
  /** Flags with which kubectl finds the cluster of the command. */
  kubectl: readonly string[]
}

/** Prints and runs a kubectl command with the operator's rights. Returns its output. Rejects with the reason in plain words. */
export const kubectl = async (args: readonly string[], here: Kubectl): Promise<string> => {
  const { err, exec } = here.terminal
  const argv = ['kubectl', ...here.kubectl, ...args]
  err(`${argv.map(shellWord).join(' ')}\n`)
  try {
    return await exec(argv)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new Error(code === 'ENOENT' ? 'there is no kubectl here' : message, { cause })
  }
}
