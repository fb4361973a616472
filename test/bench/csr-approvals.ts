import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Bed, openBed } from '../cluster/bed/bed.ts'
import { waitFor } from '../cluster/bed/wait-for.ts'
import { installProduct, minutes, type Product } from '../cluster/product.ts'
import { type Figure, median, spread } from './figure.ts'
import type { Plan, Raced } from './inside/csr-race.ts'

const rounds = [
  { atOnce: 1, times: 30 },
  { atOnce: 10, times: 10 },
  { atOnce: 100, times: 3 }
]
const kubeconfig = '/etc/kubernetes/admin.conf'
const bareGroup = 'system:bootstrappers:bench'
const inside = (program: string): string => resolve(import.meta.dirname, 'inside', program)

/**
 * How soon the server approves a kubelet's CSR, on a real API server and beside a loop that approves whatever it sees: all
 * rounds of both in one run. Needs root and Go.
 */
export const csrApprovals = async (): Promise<Figure[]> => {
  const bed = await openBed()
  try {
    const product = await installProduct(bed)
    await startBareApprover(bed)
    return (await race(product)).map((raced) => figureOf(bed, raced))
  } finally {
    await bed.close()
  }
}

const startBareApprover = async (bed: Bed): Promise<void> => {
  const bind = ['create', 'clusterrolebinding', 'bench', '--clusterrole=system:node-bootstrapper']
  await bed.kubectl(...bind, `--group=${bareGroup}`)
  const name = 'bare-approver'
  await bed.spawn(name, [process.execPath, inside('bare-approver.ts'), kubeconfig, bareGroup])
  const log = () => readFile(join(bed.logs, `${name}.log`), 'utf8')
  await waitFor('the bare loop to watch', log, (text) => text.includes('watching'), minutes)
}

const race = async ({ bed, pin }: Product): Promise<Raced[]> => {
  const ways = { server: 'https://172.30.0.1:7443', socket: '/run/joinery/operator.sock' }
  const plan: Plan = { ...ways, pin, kubeconfig, bareGroup, rounds }
  const bounded = { input: JSON.stringify(plan), timeout: 20 * minutes }
  const { code, stdout, stderr } = await bed.exec([process.execPath, inside('csr-race.ts')], bounded)
  if (code !== 0) throw new Error(`exit status ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

const figureOf = ({ kubernetes }: Bed, { atOnce, joinery, bare }: Raced): Figure => {
  const p50 = median(joinery)
  return {
    name: `CSR created to approved, ${atOnce} at once`,
    measured:
      `${spread(joinery)}, bare loop ${spread(bare)} (${joinery.length} each), ` +
      `ratio of p50 ${(p50 / median(bare)).toFixed(2)}; Kubernetes ${kubernetes}`
  }
}
