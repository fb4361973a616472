import type { PreflightCheck } from '@joinery/agent/machine/preflight/check/check.ts'
import { kubeadmNames } from './kubeadm-names.ts'

/** docs/reference/preflight.md: every check as it is defined. */
export const preflightPage = (
  checks: readonly PreflightCheck[],
  ofControlPlanes: readonly PreflightCheck[]
): string => `<!-- ${generated} -->
# Preflight checks

What the agent looks at before a machine joins, and what \`joinery-agent preflight\` shows. Checking changes nothing. The
result of \`joinery-agent preflight -o json\` has a [schema](preflight.schema.json), and its exit code says it
([exit codes](exit-codes.md#joinery-agent)).

Mended **safe**: the agent does it by itself, and \`joinery-agent preflight --fix\` does. Mended **runtime**: only where
somebody asked for it (\`remediate: runtime\`, or \`joinery-agent preflight --fix=NAME\`), since it restarts the container
runtime. \`earlier-join\` is mended only by the agent that made the join, and not by \`--fix\`
([which ones](../how-to/mending.md#take-back-a-join-of-its-own)). Where nothing is said a person does it, with the remedy that
the check shows.

Each line of a remedy is one command for root's shell on the machine, or a comment (\`# words\`) where there is no command
for it, or where somebody has to choose first: all of them can be pasted together.

${tableOf(checks)}

## Of a control plane

A machine whose code has the role \`control-plane\` is checked for these, too, and so it is by
\`joinery-agent preflight --role control-plane\`. Of the checks above, \`ports-free\`, \`firewall\` and \`reachability\` then look at
the ports of the API server, controller manager, scheduler and etcd, \`disk-space\` at \`/var/lib/etcd\`, and \`clock-skew\` fails
from 30 seconds on.

${tableOf(ofControlPlanes)}
`

const tableOf = (checks: readonly PreflightCheck[]): string => `| check | why it matters | mended | kubeadm calls it |
|---|---|---|---|
${checks.map(row).join('\n')}`

export const generated = 'Generated: node_modules/.bin/node docs/agent/main.ts'

const row = ({ name, why, mends }: PreflightCheck): string => {
  const names = kubeadmNames[name] ?? []
  const cells = [`\`${name}\``, why, mends ?? '', names.map((kubeadm) => `\`${kubeadm}\``).join(', ')]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
