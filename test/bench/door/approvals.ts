import { resolve } from 'node:path'
import { openBed } from '../../cluster/bed/bed.ts'
import { installProduct, minutes } from '../../cluster/product.ts'
import { type Figure, median, quantile, round, spread } from '../figure.ts'
import type { Approved, Plan } from '../inside/door-approvals.ts'

const program = resolve(import.meta.dirname, '../inside/door-approvals.ts')
const user = 'alice'

/**
 * How soon after an approval the machine has its credential: by a Decision on a real API server, beside the socket, in turn in one
 * run. Needs root and Go.
 */
export const doorApprovals = async (): Promise<Figure[]> => {
  const bed = await openBed()
  try {
    const { pin } = await installProduct(bed)
    await bed.kubectl('create', 'clusterrolebinding', user, '--clusterrole=joinery-approver', `--user=${user}`)
    const ways = { server: 'https://172.30.0.1:7443', socket: '/run/joinery/operator.sock' }
    const plan: Plan = { ...ways, pin, kubeconfig: '/etc/kubernetes/super-admin.conf', user, times: 100 }
    const bounded = { input: JSON.stringify(plan), timeout: 20 * minutes }
    const { code, stdout, stderr } = await bed.exec([process.execPath, program], bounded)
    if (code !== 0) throw new Error(`exit status ${code}: ${stderr}`)
    const { socket, door }: Approved = JSON.parse(stdout)
    const [p50, p99] = [0.5, 0.99].map((q) => quantile(door, q) - quantile(socket, q))
    return [
      {
        name: 'approve to credential, by a Decision',
        measured:
          `${spread(door)}; by the socket ${spread(socket)} (${door.length} each, in turn); ${round(p50 ?? 0)} ms more at ` +
          `p50, ${round(p99 ?? 0)} ms at p99; ratio of p50 ${(median(door) / median(socket)).toFixed(2)}; ` +
          `Kubernetes ${bed.kubernetes}`
      }
    ]
  } finally {
    await bed.close()
  }
}
