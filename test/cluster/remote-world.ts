import { resolve } from 'node:path'
import { type AdminCsr, type ClusterWorld, Refusal } from '@joinery/testing/cluster/world/cluster-world'
import type { Bed } from './bed/bed.ts'
import type { Answer, Call, Calls } from './inside/world-call.ts'

const program = resolve(import.meta.dirname, 'inside/world-call.ts')

/** Kubelets and others who call the bed's API server; what it refuses rejects with `Refusal`. */
export interface RemoteWorld extends Pick<ClusterWorld, 'clusterInfo' | 'registerNode' | 'setNodeReady' | 'submitCsr'> {
  /** Undefined where there is none. */
  csr(name: string): Promise<Omit<AdminCsr, 'created'> | undefined>
  /** Asks for all of these certificates at the same moment; gives the CSRs' names. */
  submitCsrs(submissions: readonly Parameters<ClusterWorld['submitCsr']>[0][]): Promise<string[]>
}

/** `from`: an address of the bed that the calls come from, another one than the machines' and the server's. */
export const remoteWorld = (bed: Bed, from?: string): RemoteWorld => {
  const callAll = async (...calls: Call[]): Promise<never[]> => {
    const given: Calls = { calls, ...(from !== undefined && { from }) }
    const { code, stdout, stderr } = await bed.exec([process.execPath, program], { input: JSON.stringify(given) })
    if (code !== 0) throw new Error(`${calls.map(({ method }) => method).join(', ')}: ${stderr}`)
    return (JSON.parse(stdout) as Answer[]).map((answer) => {
      if ('refused' in answer) throw new Refusal(answer.refused.status, answer.refused.message)
      return answer.value as never
    })
  }
  const remote =
    (method: Call['method']) =>
    async (...args: unknown[]): Promise<never> => {
      const [value] = await callAll({ method, args })
      return value as never
    }
  return {
    clusterInfo: remote('clusterInfo'),
    registerNode: remote('registerNode'),
    setNodeReady: remote('setNodeReady'),
    submitCsr: remote('submitCsr'),
    csr: remote('csr'),
    submitCsrs: (submissions) =>
      callAll(...submissions.map((submission): Call => ({ method: 'submitCsr', args: [submission] })))
  }
}
