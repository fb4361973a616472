import { text } from 'node:stream/consumers'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { httpPairingServer } from '@joinery/agent/testing/pairing'
import { systemClock } from '@joinery/agent/testing/program'
import { connect } from '@joinery/cli/testing/session'
import { memoryFiles } from '@joinery/fake-machine'
import { noFacts } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { refusal } from '@joinery/testing/cluster/cluster-fixture'
import { apiClient } from '@joinery/testing/cluster/world/api-client'
import { readKubeconfig } from '../../contract/kubeconfig.ts'
import { createBareToken } from './bare-token.ts'
import { csrsPath, isApproved, watchCsrs } from './csr-watch.ts'
import { newFacts } from './enrol-request.ts'
import { askForCertificate, newKubelet } from './kubelet.ts'

/** Run inside the bed. Standard input: `Plan` as JSON; standard output: `Raced[]`, in its order. */
export interface Plan {
  /** URL of the pairing server, its pin, and the operators' socket. */
  server: string
  pin: string
  socket: string
  /** Of an administrator. */
  kubeconfig: string
  /** Of the tokens whose CSRs the bare approver approves. */
  bareGroup: string
  rounds: { atOnce: number; times: number }[]
}

/** Milliseconds from the answer to the creation of each CSR until a watch showed it approved. */
export interface Raced {
  atOnce: number
  joinery: number[]
  bare: number[]
}

/** A machine that may ask for its certificate now. */
interface Joiner {
  name: string
  token: string
  retire(): Promise<void>
}

const plan = JSON.parse(await text(process.stdin)) as Plan
const { access, identity } = await readKubeconfig(plan.kubeconfig)
if ('token' in identity) throw new Error(`${plan.kubeconfig} has no certificate`)
const admin = apiClient(access, identity)
const operator = connect(plan.socket)

const approvals = new Map<string, PromiseWithResolvers<number>>()
const approvalOf = (csr: string): PromiseWithResolvers<number> => {
  const approval = approvals.get(csr) ?? Promise.withResolvers<number>()
  approvals.set(csr, approval)
  return approval
}
await watchCsrs(access, identity, (csr) => {
  if (isApproved(csr)) approvalOf(csr.metadata.name).resolve(performance.now())
})

/** By the way of every machine: enrolled, approved, claimed. */
const joineryJoiner = async (): Promise<Joiner> => {
  const facts = newFacts()
  const name = facts.hostname
  const own = await loadIdentity(memoryFiles(), '', facts)
  const { code } = await operator.createCode({ name, ttl: 3600 })
  const pairing = httpPairingServer(plan.server, plan.pin, async () => own, systemClock)
  const { id } = await pairing.enrol({ code, name, facts, preflight: [] })
  const { revision, key } = await operator.show(id)
  await operator.approve(id, { revision, key })
  const credential = await pairing.claim()
  if (!('token' in credential)) throw new Error('the server gives out no tokens')
  const reason = 'the end of a measurement'
  return { name, token: credential.token, retire: async () => void (await operator.reject(id, { reason })) }
}

const bareJoiner = async (): Promise<Joiner> => {
  const { id, token, delete: retire } = await createBareToken(admin, plan.bareGroup)
  return { name: `bare-${id}`, token, retire }
}

/** All of them ask at the same moment, on connections that are there already. */
const race = async (joiners: readonly Joiner[]): Promise<number[]> => {
  const ready = await Promise.all(
    joiners.map(async ({ name, token }) => {
      const client = apiClient(access, { token })
      // a new token takes the API server a moment
      await eventually('it is let in', async () => (await refusal(() => client.get('/version'))) === undefined)
      return { client, kubelet: await newKubelet(name, noFacts) }
    })
  )
  const asked = await Promise.all(
    ready.map(async ({ client, kubelet }) => {
      const name = await askForCertificate(client, kubelet)
      return { name, at: performance.now() }
    })
  )
  // the watch may be faster than the answer
  const took = asked.map(async ({ name, at }) => Math.max(0, (await approvalOf(name).promise) - at))
  const latencies = await Promise.all(took)
  for (const { client } of ready) await client.close()
  for (const { name } of asked) await admin.delete(`${csrsPath}/${name}`)
  for (const joiner of joiners) await joiner.retire()
  return latencies
}

const several = async <T>(count: number, make: () => Promise<T>): Promise<T[]> => {
  const all: T[] = []
  while (all.length < count) all.push(await make())
  return all
}

const raced: Raced[] = []
for (const { atOnce, times } of plan.rounds) {
  const of: Raced = { atOnce, joinery: [], bare: [] }
  for (let round = 0; round < times; round += 1) {
    of.bare.push(...(await race(await several(atOnce, bareJoiner))))
    of.joinery.push(...(await race(await several(atOnce, joineryJoiner))))
  }
  raced.push(of)
}
console.log(JSON.stringify(raced))
process.exit(0)
