import { join, resolve } from 'node:path'
import type { Credential, OwnEnrolment } from '@joinery/protocol'
import { kubeletSigner } from '@joinery/server/cluster/cluster.ts'
import type { Order } from './inside/paper-machine.ts'
import type { Product } from './product.ts'

const program = resolve(import.meta.dirname, 'inside/paper-machine.ts')

export interface Refusal {
  key: string
  refused?: string
  text?: string
}

/** A second machine without a machine: the protocol, spoken from inside the bed with a key of its own. */
export const paperMachine = (product: Product, name: string) => {
  const { bed, pin } = product
  const ask = async (order: Pick<Order, 'do' | 'code' | 'nodeName'>): Promise<never> => {
    const folder = join(bed.hostPath('/run/joinery'), name)
    const input = JSON.stringify({ ...order, folder, server: 'https://172.30.0.1:7443', pin })
    const { code, stdout, stderr } = await bed.exec([process.execPath, program], { input })
    if (code !== 0) throw new Error(`${name}: ${stderr}`)
    return JSON.parse(stdout) as never
  }
  return {
    enrol: (code: string): Promise<OwnEnrolment & Refusal> => ask({ do: 'enrol', code }),
    /** Claims, where the code gets a token; gives `id.secret`. */
    claimToken: async (): Promise<string> => {
      const credential = (await ask({ do: 'claim' })) as Credential & Refusal
      if ('token' in credential) return credential.token
      throw new Error(`it is no token: ${credential.text}`)
    },
    /** Asks the API server for a kubelet's certificate with a bootstrap token; gives the CSR's name. */
    askForCertificate: async (token: string, nodeName: string): Promise<string> => {
      const { request } = (await ask({ do: 'request', nodeName })) as { request: string }
      const csr = {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { generateName: `${name}-` },
        spec: {
          request: Buffer.from(request).toString('base64'),
          signerName: kubeletSigner,
          usages: ['digital signature', 'client auth']
        }
      }
      const env = { KUBECONFIG: await bed.kubeconfig(token) }
      const made = await bed.exec(['kubectl', 'create', '-f', '-', '-o', 'name'], { env, input: JSON.stringify(csr) })
      if (made.code !== 0) throw new Error(made.stderr)
      return made.stdout.trim().replace(/^.*\//, '')
    }
  }
}
