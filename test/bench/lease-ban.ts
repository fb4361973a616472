import { resolve } from 'node:path'
import { openBed } from '../cluster/bed/bed.ts'
import { installProduct, minutes } from '../cluster/product.ts'
import { type Figure, median, round } from './figure.ts'
import type { LeasePlan, LeaseRound } from './inside/lease-renewals.ts'

const plan: LeasePlan = {
  kubeconfig: '/etc/kubernetes/admin.conf',
  nodes: 30,
  // 30 nodes that renew each 60 ms are 5,000 that renew each ten seconds
  interval: 60,
  renewals: 100,
  rounds: 6,
  banned: 1000
}

/**
 * What the policy `joinery-ban-leases` costs an API server: its CPU time for the heartbeats of 5,000 Nodes, with the policy in
 * force and without, in turn in one run. All else that an API server does for as many Nodes comes on top, so that the share is
 * an upper bound. Needs root and Go.
 */
export const leaseBan = async (): Promise<Figure[]> => {
  const bed = await openBed()
  try {
    const product = await installProduct(bed)
    await product.kill()
    const program = resolve(import.meta.dirname, 'inside/lease-renewals.ts')
    const bounded = { input: JSON.stringify(plan), timeout: 30 * minutes }
    const { code, stdout, stderr } = await bed.exec([process.execPath, program], bounded)
    if (code !== 0) throw new Error(`exit status ${code}: ${stderr}`)
    const rounds: LeaseRound[] = JSON.parse(stdout)
    return [
      figureOf('and nobody banned', rounds, ({ inForce }) => inForce, bed.kubernetes),
      figureOf(`and ${plan.banned} banned`, rounds, ({ withMany }) => withMany, bed.kubernetes)
    ]
  } finally {
    await bed.close()
  }
}

const figureOf = (which: string, rounds: readonly LeaseRound[], of: (round: LeaseRound) => number, version: string) => {
  const ratio = median(rounds.map((one) => of(one) / one.without))
  const micros = (values: readonly number[]): string => round(median(values) * 1e6)
  return {
    name: `CPU of a Lease renewal, ${which}`,
    measured:
      `${((ratio - 1) * 100).toFixed(1)} % (${micros(rounds.map(of))} us each, without the policy ` +
      `${micros(rounds.map(({ without }) => without))}; ${rounds.length} pairs of ${plan.nodes * plan.renewals}); Kubernetes ${version}`,
    target: '<= 2 %',
    met: ratio <= 1.02
  }
}
