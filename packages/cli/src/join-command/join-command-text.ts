import { discoveryKubeconfig } from '@joinery/host/text/discovery-kubeconfig'
import { shellWord } from '@joinery/host/text/shell-word'
import { hostAndPort, type JoinCommand } from '@joinery/protocol'

/**
 * The command for root on the machine, or for `sh` there. It is a line as kubeadm prints it, or one that brings a
 * discovery file. `certificateKey`: the machine becomes a control plane.
 */
export const joinCommandText = (made: JoinCommand, certificateKey?: string): string => {
  const options = certificateKey === undefined ? [] : ['--control-plane', '--certificate-key', certificateKey]
  return made.discovery === 'cluster-info' ? byClusterInfo(made, options) : byFile(made, options)
}

const line = (words: readonly string[]): string => words.map(shellWord).join(' ')

/** The line that `kubeadm token create --print-join-command` prints, with the name that the server decided. */
const byClusterInfo = ({ server, token, caCertHashes, name }: JoinCommand, options: readonly string[]): string => {
  const hashes = caCertHashes.flatMap((hash) => ['--discovery-token-ca-cert-hash', hash])
  const words = ['kubeadm', 'join', hostAndPort(server), '--token', token, ...hashes, ...options, '--node-name', name]
  return `${line(words)}\n`
}

/**
 * The command with a discovery file. The token is in a file that only root can read, on tmpfs, for as long as kubeadm
 * runs, and in no command line. The command starts its own shell, so that umask and traps of the person's shell do not
 * change.
 */
const byFile = (made: JoinCommand, options: readonly string[]): string => `(
  umask 077
  file=$(mktemp /run/joinery-XXXXXXXXXX) || exit
  trap 'rm -f "$file"' EXIT
  trap 'exit 1' HUP INT TERM
  cat > "$file" <<'END_OF_DISCOVERY_FILE' || exit
${discoveryKubeconfig(made)}END_OF_DISCOVERY_FILE
  kubeadm join --discovery-file "$file" ${line([...options, '--node-name', made.name])} < /dev/null
)
`
