import { setTimeout as sleep } from 'node:timers/promises'
import type { SecureContext } from 'node:tls'
import { agentRoutes } from '@joinery/protocol'
import { ownCsrObject } from '@joinery/server/testing/kubernetes'
import { apiClient } from '@joinery/testing/cluster/world/api-client'
import { Refusal } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { readKubeconfig } from '../../contract/kubeconfig.ts'
import { AgentConnection, type Answer } from './connection.ts'
import { csrsPath, type SeenCsr, watchCsrs } from './csr-watch.ts'
import { enrolOn, inLanes } from './enrol-on.ts'
import { enrolRequest } from './enrol-request.ts'
import { newIdentities } from './identities.ts'
import { offer } from './offer.ts'

/** A machine on its way to a decision about its kubelet's certificate. Times are those of `process.hrtime.bigint`. */
export interface Joiner {
  id: string
  /** When it heard that it is approved, had its credential, had the answer to its certificate request, and when that was decided. */
  heardAt?: bigint
  claimedAt?: bigint
  askedAt?: bigint
  decidedAt?: bigint
  /** Answers that bade it come again later. */
  later: number
  /** Why it goes on no more. */
  broken?: string
}

const joiners: Joiner[] = []
const byCsr = new Map<string, Joiner>()
/** Decisions that the watch saw before the answer to the creation. */
const early = new Map<string, bigint>()

const isDecided = ({ status }: SeenCsr): boolean =>
  status.conditions?.some(({ type }) => type === 'Approved' || type === 'Denied') ?? false

/** Machines by the thousand: each waits for its approval, claims at once, and its kubelet asks for a certificate. */
const calls = {
  /** Enrols a machine for each code, and has all of them go their way from then on. `kubeconfig`: of an administrator. */
  wait: async (port: number, authority: string, codes: string[], kubeconfig: string): Promise<void> => {
    const { access, identity } = await readKubeconfig(kubeconfig)
    if ('token' in identity) throw new Error(`${kubeconfig} has no certificate`)
    await watchCsrs(access, identity, (csr) => {
      if (!isDecided(csr)) return
      const { name } = csr.metadata
      const joiner = byCsr.get(name)
      if (joiner === undefined) early.set(name, early.get(name) ?? process.hrtime.bigint())
      else joiner.decidedAt ??= process.hrtime.bigint()
    })
    const identities = await newIdentities(codes.length, authority)
    await inLanes(codes, 16, async (code) => {
      const machine = await newMachine(port, identities.pop() as SecureContext, code)
      const joiner: Joiner = { id: machine.id, later: 0 }
      joiners.push(joiner)
      void goOn(machine, joiner, access).catch((error) => {
        joiner.broken = String(error)
      })
    })
  },

  joiners: (): Joiner[] => joiners
}
export type JoinersCalls = typeof calls

type Access = Awaited<ReturnType<typeof readKubeconfig>>['access']

/** A machine whose kubelet has made its key already, so that later no time goes into it. */
const newMachine = async (port: number, identity: SecureContext, code: string) => {
  const body = enrolRequest(code)
  const { name } = JSON.parse(body) as { name: string }
  const { metadata: _, ...csr } = ownCsrObject({ name, ...(await kubeletRequest(name)) })
  let connection = new AgentConnection(port, identity)
  const { id, revision } = await enrolOn(connection, body)
  return {
    id,
    name,
    revision,
    csr: { ...csr, metadata: { generateName: 'csr-' } },
    ask: (method: string, path: string): Promise<Answer> => connection.request(method, path),
    reconnect: (): void => {
      connection.close()
      connection = new AgentConnection(port, identity)
    }
  }
}
type Machine = Awaited<ReturnType<typeof newMachine>>

const goOn = async (machine: Machine, joiner: Joiner, access: Access): Promise<void> => {
  let after = machine.revision
  let state = 'pending'
  const news = async (): Promise<void> => {
    const { status, body } = await patiently(machine, joiner, 'GET', `${agentRoutes.wait.path}?after=${after}&wait=50`)
    if (status === 200) ({ revision: after, state } = JSON.parse(body))
  }
  while (state !== 'approved') await news()
  joiner.heardAt = process.hrtime.bigint()
  let claimed = await patiently(machine, joiner, 'POST', agentRoutes.claim.path)
  while (claimed.status === 409 && claimed.body.includes('"joins-full"')) {
    // the poll ends when its turn has come
    await news()
    claimed = await patiently(machine, joiner, 'POST', agentRoutes.claim.path)
  }
  if (claimed.status !== 200) throw new Error(`the claim is answered ${claimed.status}: ${claimed.body}`)
  joiner.claimedAt = process.hrtime.bigint()
  const { token, nodeName } = JSON.parse(claimed.body) as { token: string; nodeName: string }
  if (nodeName !== machine.name) throw new Error(`${machine.name} is to be ${nodeName}`)
  const name = await askForCertificate(machine, joiner, access, token)
  joiner.askedAt = process.hrtime.bigint()
  byCsr.set(name, joiner)
  const seen = early.get(name)
  if (seen !== undefined) joiner.decidedAt = seen
}

/** Until there is an answer that is not for later. */
const patiently = async (machine: Machine, joiner: Joiner, method: string, path: string): Promise<Answer> => {
  for (;;) {
    const answer = await machine.ask(method, path).catch(() => undefined)
    if (answer !== undefined && answer.status !== 429 && answer.status < 500) return answer
    joiner.later += 1
    await sleep(250 + Math.random() * 1000)
    if (answer === undefined) machine.reconnect()
  }
}

/** As a kubelet does: on a connection of its own, and again until its token is known. Gives the name of the request. */
const askForCertificate = async ({ csr }: Machine, joiner: Joiner, access: Access, token: string): Promise<string> => {
  const client = apiClient(access, { token })
  try {
    for (;;) {
      try {
        return (await client.post<{ metadata: { name: string } }>(csrsPath, csr)).metadata.name
      } catch (error) {
        // a new token takes the API server a moment, and it may be busy
        const isFinal = error instanceof Refusal && error.status < 500 && error.status !== 401 && error.status !== 429
        if (isFinal) throw error
        joiner.later += 1
        await sleep(100)
      }
    }
  } finally {
    await client.close()
  }
}

offer(calls)
