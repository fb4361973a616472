import { discoveryKubeconfig } from '@joinery/host/text/discovery-kubeconfig'
import { shellWord } from '@joinery/host/text/shell-word'
import { hostAndPort, type JoinCommand } from '@joinery/protocol'

/**
 * What root types on the machine, or `sh` reads there: a line as kubeadm prints it, or one that brings a discovery file.
 * `certificateKey`: it becomes a control plane.
 */
export const joinCommandText = (made: JoinCommand, certificateKey?: string): string => {
  const options = certificateKey === undefined ? [] : ['--control-plane', '--certificate-key', certificateKey]
  return made.discovery === 'cluster-info' ? byClusterInfo(made, options) : byFile(made, options)
}

const line = (words: readonly string[]): string => words.map(shellWord).join(' ')

/** As `kubeadm token create --print-join-command` has it; the server decides the name. */
const byClusterInfo = ({ server, token, caCertHashes, name }: JoinCommand, options: readonly string[]): string => {
  const hashes = caCertHashes.flatMap((hash) => ['--discovery-token-ca-cert-hash', hash])
  const words = ['kubeadm', 'join', hostAndPort(server), '--token', token, ...hashes, ...options, '--node-name', name]
  return `${line(words)}\n`
}

/**
 * The token is in a file that is root's alone, on tmpfs, for as long as kubeadm runs, and in no command line. A shell of its own:
 * umask and traps are not those of who pastes it.
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
