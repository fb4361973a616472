import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { kubeletSigner, servingSigner } from '@joinery/kube/names'
import { sideBySide } from '@joinery/server/testing/base'
import { apiClient } from '@joinery/testing/cluster/world/api-client'
import { kubeletUsages, Refusal, servingUsages } from '@joinery/testing/cluster/world/cluster-world'
import { readKubeconfig } from '../../contract/kubeconfig.ts'

/** What an administrator asks for, and approves by hand. Standard input: `BentRequest`s as JSON; output: an `Outcome` for each. */
export interface Outcome {
  /** Why the API server did not take it. */
  refused?: string
  /** The signer found it malformed. */
  failed?: true
  /** PEM. */
  certificate?: string
}

interface CsrObject {
  metadata: { name: string }
  spec: object
  status?: { certificate?: string; conditions?: { type: string }[] }
}

const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const label = 'joinery.test/bent'
const atOnce = 8
const pause = 500

const requests = JSON.parse(await text(process.stdin)) as { pem: string; serving?: true }[]
const { access, identity } = await readKubeconfig('/etc/kubernetes/admin.conf')
const admin = apiClient(access, identity)
const outcomes: Outcome[] = []
/** Name of a CSR to its place among the requests. */
const open = new Map<string, number>()

const ask = async ({ pem, serving }: (typeof requests)[number]): Promise<CsrObject> =>
  admin.post<CsrObject>(path, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'bent-', labels: { [label]: '' } },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      usages: serving ? servingUsages : kubeletUsages,
      signerName: serving ? servingSigner : kubeletSigner
    }
  })

const approve = async (csr: CsrObject): Promise<void> => {
  const condition = { type: 'Approved', status: 'True', reason: 'ByHand', message: 'a test' }
  try {
    await admin.put(`${path}/${csr.metadata.name}/approval`, { ...csr, status: { conditions: [condition] } })
  } catch (error) {
    // the stock controller was faster: an administrator may be any node
    if (!(error instanceof Refusal && error.status === 409)) throw error
  }
}

const askAndApprove = async (index: number): Promise<void> => {
  const request = requests[index]
  if (request === undefined) return
  try {
    const csr = await ask(request)
    open.set(csr.metadata.name, index)
    await approve(csr)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    outcomes[index] = { refused: error.message }
  }
}

await sideBySide(requests.keys(), atOnce, askAndApprove)
while (open.size > 0) {
  await setTimeout(pause)
  const { items } = await admin.get<{ items: CsrObject[] }>(`${path}?labelSelector=${label}`)
  for (const { metadata, status = {} } of items) {
    const index = open.get(metadata.name)
    if (index === undefined) continue
    const failed = status.conditions?.some(({ type }) => type === 'Failed')
    if (status.certificate === undefined && !failed) continue
    open.delete(metadata.name)
    outcomes[index] = failed ? { failed } : { certificate: Buffer.from(status.certificate ?? '', 'base64').toString() }
  }
}
await admin.delete(`${path}?labelSelector=${label}`)
await admin.close()
console.log(JSON.stringify(outcomes))
