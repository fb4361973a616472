import { CommandEnd } from '@joinery/host/command-end'
import { maskSecrets } from '@joinery/host/text/secrets/mask-secrets'
import type { LoginProgram } from '@joinery/kube'
import { escapeText } from '@joinery/protocol'
import { exitCodes } from '../terminal/errors.ts'
import type { Kubeconfig } from '../terminal/kubeconfig.ts'
import type { Terminal } from '../terminal/terminal.ts'

/**
 * Says that a kubeconfig has a program run, before it runs. Throws if it would run as root and nobody allowed that on the command line: a
 * rule of sudo for `joinery` alone is no rule for any program that a file names.
 */
export const heedProgram =
  ({ allowsExec }: Pick<Kubeconfig, 'allowsExec'>, { root, err }: Pick<Terminal, 'root' | 'err'>) =>
  ({ command, file }: LoginProgram): void => {
    const said = escapeText(`${file} has a program run to log in: ${maskSecrets(command)}`)
    if (root === true && !allowsExec) {
      throw new CommandEnd(
        exitCodes.denied,
        `${said}. It would run as root`,
        'run it as another user, or add --allow-exec'
      )
    }
    err(`${said}\n`)
  }
