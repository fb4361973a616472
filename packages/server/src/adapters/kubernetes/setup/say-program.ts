import { maskSecrets } from '@joinery/host/text/secrets/mask-secrets'
import type { LoginProgram } from '@joinery/kube'
import { escapeText } from '@joinery/protocol'

/** Says that an administrator's kubeconfig has this program run, as root, before it runs. */
export const sayProgram = ({ command, file }: LoginProgram): void => {
  process.stderr.write(`${escapeText(file)} has a program run to log in: ${escapeText(maskSecrets(command))}\n`)
}
