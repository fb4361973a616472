import type { EnrolmentDetail } from '@joinery/protocol'
import type { ClusterWorld } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { worldOf } from './api-desk.ts'
import { waitFor } from './bed/wait-for.ts'
import { paperMachine, tokenParts } from './paper-machine.ts'
import { minutes, type Product } from './product.ts'
import { type TokenWatch, watchTokens } from './token-watch.ts'

type PaperMachine = ReturnType<typeof paperMachine>

/** Machines and thieves that are their calls alone: real keys, real credentials, against a real API server. */
export interface Thieves {
  /** Where the machines are, and the address of a thief. */
  here: ClusterWorld
  elsewhere: ClusterWorld
  tokens: TokenWatch
  /** A machine whose enrolment of this name an operator has approved, and which has claimed its token. */
  joiningMachine(name: string): Promise<{ machine: PaperMachine; token: string }>
  /** Asks for the certificate of a kubelet of that name. */
  ask(world: ClusterWorld, token: string, name: string): Promise<{ csr: string; key: string }>
  /** The certificate, once the CSR is approved. */
  issued(csr: string): Promise<string>
  isApproved(csr: string): Promise<boolean>
  /** Registers the Node of the machine, has it Ready, and the machine say so. */
  becomesReady(name: string, machine: PaperMachine, by: { certificate: string; key: string }): Promise<void>
  /** Waits until the timeline of the enrolment tells of it; `alert`: as something that must not happen. */
  told(name: string, what: string, options?: { alert?: boolean }): Promise<EnrolmentDetail>
  /** Waits until no token is left but those of others, from before. */
  noTokenLeft(): Promise<unknown>
  /** Waits until the server has taken the Node away. */
  nodeGoes(name: string): Promise<unknown>
}

const thievesAddress = '172.30.0.66'

export const openThieves = async (product: Product): Promise<Thieves> => {
  const { bed, joinery, show } = product
  const placed = await bed.exec(['ip', 'address', 'add', `${thievesAddress}/32`, 'dev', 'br0'])
  if (placed.code !== 0) throw new Error(placed.stderr)
  const [here, elsewhere] = [await worldOf(bed), await worldOf(bed, thievesAddress)]
  const tokens = await watchTokens(bed)
  const others = new Set(await tokens.left())
  const left = async () => (await tokens.left()).filter((id) => !others.has(id))
  return {
    here,
    elsewhere,
    tokens,
    joiningMachine: async (name) => {
      const machine = paperMachine(product, name)
      await machine.enrol((await product.code(name)).code)
      await joinery('approve', name, '--yes')
      return { machine, token: await machine.claimToken() }
    },
    ask: async (world, token, name) => {
      const { request, key } = await kubeletRequest(name)
      return { csr: await world.submitCsr({ token: tokenParts(token), request }), key }
    },
    issued: (csr) => {
      const certificate = async () => (await here.csr(csr))?.certificate ?? ''
      return waitFor(`the certificate of ${csr}`, certificate, Boolean, minutes)
    },
    isApproved: async (csr) => (await here.csr(csr))?.approved === true,
    becomesReady: async (name, machine, { certificate, key }) => {
      const ids = { machineId: machine.machineId, systemUuid: machine.machineId }
      await here.registerNode({ name, certificate, key, ...ids })
      await here.setNodeReady(name, 'True', 'KubeletReady', 'played by a test')
      await machine.ready(certificate)
    },
    told: (name, what, { alert = false } = {}) =>
      waitFor(
        `${name} to tell of ${what}`,
        () => show(name),
        ({ timeline }) => timeline.some((entry) => entry.detail.includes(what) && (entry.alert ?? false) === alert),
        minutes
      ),
    noTokenLeft: () => waitFor('the token to go', left, ({ length }) => length === 0, minutes),
    nodeGoes: (name) => {
      const node = () => bed.kubectl('get', 'node', name, '--ignore-not-found', '-o', 'name')
      return waitFor(`the Node ${name} to go`, node, (found) => found === '', minutes)
    }
  }
}
