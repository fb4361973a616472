import type { ClusterCheck } from '@joinery/kube/doctor'
import { clusterChecks } from '@joinery/kube/doctor'
import { ClusterReport } from '@joinery/protocol'
import { schemaFile } from '../schema-file.ts'

/** What docs/reference has of `joinery cluster`, by file name, made from the code as it is. */
export const clusterPages = (): Record<string, string> => ({
  'cluster-doctor.md': doctorPage(clusterChecks),
  'cluster-doctor.schema.json': schemaFile('joinery cluster doctor -o json', ClusterReport)
})

const doctorPage = (checks: readonly ClusterCheck[]): string => `<!-- ${generated} -->
# What the doctor looks at

\`joinery cluster doctor\` reads the cluster with an administrator's kubeconfig and changes nothing. The result of \`-o json\` has
a [schema](cluster-doctor.schema.json). If a check fails, the exit code is 7 ([exit codes](exit-codes.md)). A check is
\`skipped\` if it cannot be made in such a cluster. It fails if the kubeconfig may not read what it needs.

Each line of a remedy is one command for an administrator's shell, or a comment (\`# words\`) if there is no command for it.
\`joinery cluster harden\` fixes what can be fixed over the API: [the how-to](../how-to/harden.md).

| check | why it matters |
|---|---|
${checks.map(({ name, why }) => `| \`${name}\` | ${why.replaceAll('|', '\\|')} |`).join('\n')}
`

const generated = 'Generated: node_modules/.bin/node docs/cluster/main.ts'
