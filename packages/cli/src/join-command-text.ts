import type { JoinCommand } from '@joinery/protocol'
import { discoveryKubeconfig } from '@joinery/protocol/text/discovery-kubeconfig.ts'
import { shellWord } from '@joinery/protocol/text/shell-word.ts'
import { hostAndPort } from '@joinery/server/host-and-port.ts'

/** What root types on the machine, or `sh` reads there: a line as kubeadm prints it, or one that brings a discovery file. */
export const joinCommandText = (made: JoinCommand): string =>
  made.discovery === 'cluster-info' ? byClusterInfo(made) : byFile(made)

/** As `kubeadm token create --print-join-command` has it; the server decides the name. */
const byClusterInfo = ({ server, token, caCertHashes, name }: JoinCommand): string => {
  const hashes = caCertHashes.flatMap((hash) => ['--discovery-token-ca-cert-hash', hash])
  const words = ['kubeadm', 'join', hostAndPort(server), '--token', token, ...hashes, '--node-name', name]
  return `${words.map(shellWord).join(' ')}\n`
}

/**
 * The token is in a file that is root's alone, on tmpfs, for as long as kubeadm runs, and in no command line. A shell of its own:
 * umask and traps are not those of who pastes it.
 */
const byFile = (made: JoinCommand): string => `(
  umask 077
  file=$(mktemp /run/joinery-XXXXXXXXXX) || exit
  trap 'rm -f "$file"' EXIT
  trap 'exit 1' HUP INT TERM
  cat > "$file" <<'END_OF_DISCOVERY_FILE' || exit
${discoveryKubeconfig(made)}END_OF_DISCOVERY_FILE
  kubeadm join --discovery-file "$file" --node-name ${shellWord(made.name)} < /dev/null
)
`
