import { text } from 'node:stream/consumers'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { httpPairingServer } from '@joinery/agent/testing/pairing'
import { systemClock } from '@joinery/agent/testing/program'
import { connect } from '@joinery/cli/testing/session'
import { memoryFiles } from '@joinery/fake-machine'
import { apiClient } from '@joinery/testing/cluster/world/api-client'
import { readKubeconfig } from '../../contract/kubeconfig.ts'
import { newFacts } from './enrol-request.ts'

/** Run inside the bed. Standard input: `Plan` as JSON; standard output: `Approved`. */
export interface Plan {
  /** URL of the pairing server, its pin, and the operators' socket. */
  server: string
  pin: string
  socket: string
  /** Of an administrator, who may be any user. */
  kubeconfig: string
  /** User who may approve. */
  user: string
  /** Machines by each way. */
  times: number
}

/** Milliseconds from the moment at which the operator approves to the answer of the claim, by the way of the approval. */
export interface Approved {
  socket: number[]
  door: number[]
}

const plan = JSON.parse(await text(process.stdin)) as Plan
const { access, identity } = await readKubeconfig(plan.kubeconfig)
const api = apiClient(access, identity)
const operator = connect(plan.socket)
const path = '/apis/joinery.dev/v1beta1/decisions'

type Approve = (shown: { id: string; key: string; revision: number }) => Promise<unknown>

const ways: Record<keyof Approved, Approve> = {
  socket: ({ id, key, revision }) => operator.approve(id, { revision, key }),
  door: ({ id: enrolment, ...shown }) => {
    const spec = { enrolment, role: 'worker', verdict: 'approve', ...shown, by: plan.user }
    const body = {
      apiVersion: 'joinery.dev/v1beta1',
      kind: 'Decision',
      metadata: { generateName: 'bench-' },
      spec
    }
    return api.send({ method: 'POST', path, body, headers: { 'impersonate-user': plan.user } })
  }
}

/** Of a machine that waits for its approval, and claims as soon as it hears of it. */
const approved = async (approve: Approve): Promise<number> => {
  const facts = newFacts()
  const name = facts.hostname
  const own = await loadIdentity(memoryFiles(), '', facts)
  const { code } = await operator.createCode({ name, ttl: 3600 })
  const pairing = httpPairingServer(plan.server, plan.pin, async () => own, systemClock)
  const { id, revision: known } = await pairing.enrol({ code, name, facts, preflight: [] })
  const { key, revision } = await operator.show(id)
  const claims = claimed(pairing, known)
  // its question must have arrived: an answer that is there already is no news
  await pause(100)
  const from = performance.now()
  const [at] = await Promise.all([claims, approve({ id, key, revision })])
  await operator.reject(id, { reason: 'the end of a measurement' })
  return at - from
}

/** When the claim is answered. */
const claimed = async (pairing: ReturnType<typeof httpPairingServer>, known: number): Promise<number> => {
  const never = new AbortController().signal
  let [after, state] = [known, 'pending']
  while (state !== 'approved') {
    const news = await pairing.wait(after, 50, never)
    if (news !== undefined) [after, state] = [news.revision, news.state]
  }
  await pairing.claim()
  return performance.now()
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

// what is decided in the first seconds after setup is refused
await pause(3_000)
// each way once, for all that is made at its first use
for (const approve of Object.values(ways)) await approved(approve)
const all: Approved = { socket: [], door: [] }
for (let count = 0; count < plan.times; count += 1) {
  all.socket.push(await approved(ways.socket))
  all.door.push(await approved(ways.door))
}
console.log(JSON.stringify(all))
process.exit(0)
