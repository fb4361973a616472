import { resolve } from 'node:path'
import type { Test } from 'tap'
import type { ContractSite } from './site.ts'

const program = resolve(import.meta.dirname, '../../contract/cluster-real.ts')
const files = ['/etc/kubernetes/admin.conf', '/var/lib/joinery-server/kubeconfig']

/** Plays the contract inside the bed, by the credential that `setup` made, in the configuration that it was made for. */
export const playContract = async (t: Test, { bed }: ContractSite, ...setting: string[]): Promise<void> => {
  const { code, stdout, stderr } = await bed.exec([process.execPath, program, ...files, ...setting])
  const failed = stdout.split('\n').filter((line) => /^ *not ok/.test(line))
  t.same(failed, [])
  if (code !== 0) t.comment(stdout)
  t.equal(code, 0, stderr)
}
