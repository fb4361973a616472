import { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SecureContext } from 'node:tls'
import { agentRoutes, type EnrolRequest, fingerprint, joiningLabel } from '@joinery/protocol'
import { apiClient } from '@joinery/testing/cluster/world/api-client'
import { readKubeconfig } from '../../contract/kubeconfig.ts'
import { AgentConnection, type Answer } from './connection.ts'
import { type SeenCsr, watchCsrs } from './csr-watch.ts'
import { enrolOn, inLanes } from './enrol-on.ts'
import { enrolRequest } from './enrol-request.ts'
import { newIdentities } from './identities.ts'
import { askForCertificate, joinAsKubelet, newKubelet } from './kubelet.ts'
import { offer } from './offer.ts'

/** A machine on its way to a decision about its kubelet's certificate. Times are those of `process.hrtime.bigint`. */
export interface Joiner {
  id: string
  /** When it heard that it is approved, had its credential, had the answer to its certificate request, and when that was decided. */
  heardAt?: bigint
  claimedAt?: bigint
  askedAt?: bigint
  decidedAt?: bigint
  /** When the server took its report that it is ready. */
  readyAt?: bigint
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
    await startAll({ port, authority, codes }, async (machine, joiner) => {
      const token = await claim(machine, joiner)
      // on a connection of its own
      const client = apiClient(access, { token })
      const name = await askForCertificate(client, machine.kubelet, () => {
        joiner.later += 1
      })
      await client.close()
      joiner.askedAt = process.hrtime.bigint()
      byCsr.set(name, joiner)
      const seen = early.get(name)
      if (seen !== undefined) joiner.decidedAt = seen
    })
  },

  /** The same, and the kubelet of each goes on until its Node is Ready, which the machine then reports. */
  join: async (port: number, authority: string, codes: string[], kubeconfig: string): Promise<void> => {
    const { access } = await readKubeconfig(kubeconfig)
    await startAll({ port, authority, codes }, async (machine, joiner) => {
      const token = await claim(machine, joiner)
      const own = new X509Certificate(await joinAsKubelet(access, token, machine.kubelet))
      const certificate = { fingerprint: fingerprint(own.publicKey), serial: own.serialNumber }
      const outcome = JSON.stringify({ outcome: 'ready', certificate })
      const { status, body } = await patiently(machine, joiner, 'outcome', { body: outcome })
      if (status >= 300) throw new Error(`the outcome is answered ${status}: ${body}`)
      joiner.readyAt = process.hrtime.bigint()
      machine.close()
    })
  },

  joiners: (): Joiner[] => joiners
}
export type JoinersCalls = typeof calls

interface Start {
  port: number
  authority: string
  codes: string[]
}

/** Enrols a machine for each code, and has each go its way from then on. */
const startAll = async (
  { port, authority, codes }: Start,
  goOn: (machine: Machine, joiner: Joiner) => Promise<void>
): Promise<void> => {
  const identities = await newIdentities(codes.length, authority)
  await inLanes(codes, 16, async (code) => {
    const machine = await newMachine(port, identities.pop() as SecureContext, code)
    const joiner: Joiner = { id: machine.id, later: 0 }
    joiners.push(joiner)
    void goOn(machine, joiner).catch((error) => {
      joiner.broken = String(error)
    })
  })
}

/** A machine whose kubelet is there already. */
const newMachine = async (port: number, identity: SecureContext, code: string) => {
  const body = enrolRequest(code)
  const { name, facts } = JSON.parse(body) as EnrolRequest
  const kubelet = await newKubelet(name, facts, { [joiningLabel]: '' })
  let connection = new AgentConnection(port, identity)
  const { id, revision } = await enrolOn(connection, body)
  return {
    id,
    revision,
    kubelet,
    ask: (route: keyof typeof agentRoutes, query: string, body: string): Promise<Answer> => {
      const { method, path } = agentRoutes[route]
      return connection.request(method, path + query, body)
    },
    close: (): void => connection.close(),
    reconnect: (): void => {
      connection.close()
      connection = new AgentConnection(port, identity)
    }
  }
}
type Machine = Awaited<ReturnType<typeof newMachine>>

/** Waits for the approval of the machine, and claims. Gives the token. */
const claim = async (machine: Machine, joiner: Joiner): Promise<string> => {
  let after = machine.revision
  let state = 'pending'
  const news = async (): Promise<void> => {
    const { status, body } = await patiently(machine, joiner, 'wait', { query: `?after=${after}&wait=50` })
    if (status === 200) ({ revision: after, state } = JSON.parse(body))
  }
  while (state !== 'approved') await news()
  joiner.heardAt = process.hrtime.bigint()
  let claimed = await patiently(machine, joiner, 'claim')
  while (claimed.status === 409 && claimed.body.includes('"joins-full"')) {
    // the poll ends when its turn has come
    await news()
    claimed = await patiently(machine, joiner, 'claim')
  }
  if (claimed.status !== 200) throw new Error(`the claim is answered ${claimed.status}: ${claimed.body}`)
  joiner.claimedAt = process.hrtime.bigint()
  const { token, nodeName } = JSON.parse(claimed.body) as { token: string; nodeName: string }
  if (nodeName !== machine.kubelet.name) throw new Error(`${machine.kubelet.name} is to be ${nodeName}`)
  return token
}

/** Until there is an answer that is not for later. */
const patiently = async (
  machine: Machine,
  joiner: Joiner,
  route: keyof typeof agentRoutes,
  { query = '', body = '' } = {}
): Promise<Answer> => {
  for (;;) {
    const answer = await machine.ask(route, query, body).catch(() => undefined)
    if (answer !== undefined && answer.status !== 429 && answer.status < 500) return answer
    joiner.later += 1
    await sleep(250 + Math.random() * 1000)
    if (answer === undefined) machine.reconnect()
  }
}

offer(calls)
