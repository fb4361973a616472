import { readFile } from 'node:fs/promises'
import { connect } from '@joinery/kube'
import { kubernetesLog } from '@joinery/server/testing/kubernetes'

/** Calls of the log's objects, inside the bed: `node log-calls.ts KUBECONFIG CALLS`, as a JSON list of `[name, argument, ...]`. */
const [file = '', given = '[]'] = process.argv.slice(2)
const made = connect(await readFile(file, 'utf8'))
const objects = kubernetesLog({ connection: () => made }) as unknown as Record<string, (...given: unknown[]) => unknown>
const results: unknown[] = []
for (const [name, ...words] of JSON.parse(given) as [string, ...unknown[]][])
  results.push(await objects[name]?.(...words))
// the pool of connections would keep it alive
process.stdout.write(JSON.stringify(results), () => process.exit())
