import { shellWord } from '@joinery/host/text/shell-word'
import { kubeconfigOf } from './kubeconfig.ts'
import type { Terminal } from './terminal.ts'

/**
 * Prints and runs a kubectl command with an administrator's rights. Returns its output. Rejects with the reason in
 * plain words.
 */
export const kubectl = async (
  args: readonly string[],
  kubeconfig: string | undefined,
  { err, exec, kubeconfig: environment }: Pick<Terminal, 'err' | 'exec' | 'kubeconfig'>
): Promise<string> => {
  const argv = ['kubectl', ...kubeconfigOf(kubeconfig, environment).flags, ...args]
  err(`${argv.map(shellWord).join(' ')}\n`)
  try {
    return await exec(argv)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new Error(code === 'ENOENT' ? 'there is no kubectl here' : message, { cause })
  }
}
