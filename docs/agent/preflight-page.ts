import type { PreflightCheck } from '@joinery/agent/testing/preflight'
import { kubeadmNames } from './kubeadm-names.ts'

/** docs/reference/preflight.md: every check as it is defined. */
export const preflightPage = (
  checks: readonly PreflightCheck[],
  ofControlPlanes: readonly PreflightCheck[]
): string => `<!-- ${generated} -->
# Preflight checks

The agent makes these checks before a machine joins, and \`joinery-agent preflight\` shows them. Checking changes nothing. The
result of \`joinery-agent preflight -o json\` has a [schema](preflight.schema.json), and the exit code says whether a check fails
([exit codes](exit-codes.md#joinery-agent)).

The column "mended" says who fixes what a check finds:

- **safe**: the agent does it by itself, and so does \`joinery-agent preflight --fix\`.
- **runtime**: the agent does it only if somebody asked for it (\`remediate: runtime\`, or \`joinery-agent preflight --fix=NAME\`),
  because it restarts the container runtime. Only the agent that made the join mends \`earlier-join\`, and \`--fix\` does not
  ([which ones](../how-to/mending.md#take-back-a-join-of-its-own)).
- Nothing: a person does it, with the remedy that the check shows.

Each line of a remedy is one command for root's shell on the machine. It is a comment (\`# words\`) if there is no command
for it, or if somebody must choose first. You can paste all lines together.

${tableOf(checks)}

## Of a control plane

If the code has the role \`control-plane\`, the agent makes these checks too. So does
\`joinery-agent preflight --role control-plane\`. Some of the checks above then look at more. \`ports-free\`, \`firewall\` and
\`reachability\` look at the ports of the API server, controller manager, scheduler and etcd. \`disk-space\` looks at
\`/var/lib/etcd\`, and \`clock-skew\` fails from 30 seconds on.

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
