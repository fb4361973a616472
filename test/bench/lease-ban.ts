import { resolve } from 'node:path'
import { openBed } from '../cluster/bed/bed.ts'
import { installProduct, minutes } from '../cluster/product.ts'
import { type Figure, median, round } from './figure.ts'
import type { LeaseCost, LeasePlan, LeaseRound } from './inside/lease-renewals.ts'

const plan: LeasePlan = {
  kubeconfig: '/etc/kubernetes/admin.conf',
  serverKubeconfig: '/var/lib/joinery-server/kubeconfig',
  nodes: 30,
  // 30 nodes that renew each 60 ms are 5,000 that renew each ten seconds
  interval: 60,
  renewals: 100,
  rounds: 5,
  banned: 1000,
  bannedNodes: 3
}

/**
 * What the policies `joinery-ban-leases` and `joinery-leases` cost an API server for the heartbeats of 5,000 Nodes, with both in
 * force and with neither, in turn in one run: with nobody banned, and with many of whom some have a Lease, which is labelled.
 * All else that an API server does for as many Nodes comes on top, so that the share is an upper bound. Needs root and Go.
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
      figureOf('nobody banned', rounds, ({ nobody }) => nobody, bed.kubernetes),
      figureOf(`${plan.banned} banned, ${plan.bannedNodes} with Leases`, rounds, ({ some }) => some, bed.kubernetes)
    ]
  } finally {
    await bed.close()
  }
}

/**
 * By the time that the policies take more than without these, as the API server itself measures it: CPU as a whole moves by
 * a tenth and more from one round to the next, for reasons of the machine.
 */
const figureOf = (
  which: string,
  rounds: readonly LeaseRound[],
  of: (round: LeaseRound) => LeaseCost,
  version: string
): Figure => {
  const share = median(rounds.map((one) => (of(one).admission - one.without.admission) / one.without.cpu))
  const whole = median(rounds.map((one) => of(one).cpu / one.without.cpu)) - 1
  const micros = (value: (round: LeaseRound) => number): string => round(median(rounds.map(value)) * 1e6)
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`
  return {
    name: `policies about Leases in a Lease renewal, ${which}`,
    measured:
      `${percent(share)} of its CPU (policies ${micros((one) => of(one).admission)} us, without these ` +
      `${micros(({ without }) => without.admission)}; CPU ${micros((one) => of(one).cpu)} us, without ` +
      `${micros(({ without }) => without.cpu)}, median of ratios ${percent(whole)}; ${rounds.length} rounds of ` +
      `${plan.nodes * plan.renewals}); Kubernetes ${version}`,
    judged: { 'policies-of-a-lease-renewal': share * 100 }
  }
}
