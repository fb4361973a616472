import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Credential, OwnEnrolment } from '@joinery/protocol'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { worldOf } from './api-desk.ts'
import { serverAddress } from './bed/network.ts'
import type { Order } from './inside/paper-machine.ts'
import type { Product } from './product.ts'

const program = resolve(import.meta.dirname, 'inside/paper-machine.ts')

export interface Refusal {
  key: string
  refused?: string
  text?: string
}

/** The machine id of the paper machine of this name: no two of them share one. */
export const paperMachineId = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 32)

/**
 * A machine without a machine: the protocol, spoken from inside the bed with a key of its own. `says`: what else it says about
 * itself.
 */
export const paperMachine = (
  { bed, pin, address = serverAddress }: Pick<Product, 'bed' | 'pin'> & { address?: string },
  name: string,
  says: Pick<Order, 'serial'> = {}
) => {
  const machineId = paperMachineId(name)
  const ask = async (order: Omit<Order, 'folder' | 'machineId' | 'server' | 'pin'>): Promise<never> => {
    const folder = join(bed.hostPath('/run/joinery'), name)
    const input = JSON.stringify({ ...order, ...says, folder, machineId, server: `https://${address}:7443`, pin })
    const { code, stdout, stderr } = await bed.exec([process.execPath, program], { input })
    if (code !== 0) throw new Error(`${name}: ${stderr}`)
    return JSON.parse(stdout) as never
  }
  const claim = (): Promise<Credential | Refusal> => ask({ do: 'claim' })
  return {
    machineId,
    enrol: (code: string): Promise<OwnEnrolment & Refusal> => ask({ do: 'enrol', code }),
    claim,
    /** Claims, where the code gets a token; gives `id.secret`. */
    claimToken: async (): Promise<string> => {
      const answer = await claim()
      if ('token' in answer) return answer.token
      throw new Error(`it is no token: ${'text' in answer ? answer.text : 'a certificate'}`)
    },
    /** Says that its attempt failed, as a kubelet does that waits for its certificate in vain. */
    fail: (attempt: number): Promise<OwnEnrolment & Refusal> => ask({ do: 'fail', attempt }),
    /** Says that its node is ready, and that its kubelet holds this certificate (PEM). */
    ready: (certificate: string): Promise<OwnEnrolment & Refusal> => ask({ do: 'ready', certificate }),
    /** Asks the API server for a kubelet's certificate with a bootstrap token; gives the CSR's name. */
    askForCertificate: async (token: string, nodeName: string): Promise<string> => {
      const { request } = await kubeletRequest(nodeName)
      return (await worldOf(bed)).submitCsr({ token: tokenParts(token), request })
    }
  }
}

/** Of `id.secret`. */
export const tokenParts = (token: string): { id: string; secret: string } => {
  const [id = '', secret = ''] = token.split('.')
  return { id, secret }
}
