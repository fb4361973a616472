import { resolve } from 'node:path'
import { openBed } from '../cluster/bed/bed.ts'
import { openLogSite } from '../cluster/log-site.ts'
import { type Figure, spread } from './figure.ts'
import type { LogPlan, LogTimes } from './inside/log-writes.ts'

/**
 * How long a commit (the move of the head) and a document take with `store: cluster`, on an API server and an etcd on the same processors.
 * There is no target for one write. Needs root and Go.
 */
export const logWrites = async (): Promise<Figure[]> => {
  const bed = await openBed()
  try {
    const plan: LogPlan = {
      kubeconfig: await openLogSite(bed),
      heads: [2, 60, 200, 400],
      document: 3,
      atOnce: [1, 8],
      writes: 200
    }
    const program = resolve(import.meta.dirname, 'inside/log-writes.ts')
    const { code, stdout, stderr } = await bed.exec([process.execPath, program], { input: JSON.stringify(plan) })
    if (code !== 0) throw new Error(`exit status ${code}: ${stderr}`)
    return Object.entries(JSON.parse(stdout) as LogTimes).map(([name, times]) => ({
      name: `log in the cluster: ${name}`,
      measured: `${spread(times)} (${times.length} writes); Kubernetes ${bed.kubernetes}`
    }))
  } finally {
    await bed.close()
  }
}
