import { readFile } from 'node:fs/promises'
import { connect } from '@joinery/kube'
import { kubernetesLog } from '@joinery/server/testing/kubernetes'

/** One call of the log's objects, inside the bed: `node log-call.ts KUBECONFIG CALL ARGUMENTS`, the arguments as a JSON list. */
const [file = '', name = '', given = '[]'] = process.argv.slice(2)
const made = connect(await readFile(file, 'utf8'))
const calls = kubernetesLog({ connection: () => made }) as unknown as Record<string, (...given: unknown[]) => unknown>
const result = await calls[name]?.(...(JSON.parse(given) as unknown[]))
// the pool of connections would keep it alive
process.stdout.write(JSON.stringify({ result }), () => process.exit())
