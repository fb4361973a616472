import { randomBytes } from 'node:crypto'
import { Refused, Unreachable } from '@joinery/agent/testing/pairing'
import type { WayBackServer } from '@joinery/agent/testing/way-back'
import type { OutcomeRequest, RecoveryCredential, RecoveryRequest, SeenEnrolment } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import type { FakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'

const pause = shortSleep(1)

/** A pairing server that keeps the contract of the way back for one machine, and no more of it. */
export interface PlayedServer extends WayBackServer {
  /** Makes operators say yes at once, as by default, or not. */
  approves: boolean
  /** Makes the server refuse the next questions with that problem. */
  refuses: 'recovery-not-needed' | 'recovery-not-yet' | 'recovery-refused' | 'node-gone' | undefined
  /** Changes the credential before it is given. */
  lie: (credential: RecoveryCredential) => RecoveryCredential | Promise<RecoveryCredential>
  /** Number of calls, next of all, that find nobody. */
  away: number
  /** An operator says yes, or ends the way back. */
  approve(): void
  end(message: string): void
  /** True if a value came that does not fit: two machines ask with one key. */
  readonly frozen: boolean
  readonly confirmed: string | undefined
  readonly asked: readonly RecoveryRequest[]
  readonly outcomes: readonly OutcomeRequest[]
  readonly claims: number
}

/** Makes the server, for the enrolment of that Node. */
export const playedServer = (cluster: FakeCluster, nodeName: string): PlayedServer => {
  let [confirmed, pending]: (string | undefined)[] = []
  let [frozen, claims] = [false, 0]
  let given: RecoveryCredential | undefined
  const [asked, outcomes]: [RecoveryRequest[], OutcomeRequest[]] = [[], []]
  let enrolment: SeenEnrolment = {
    id: 'an-enrolment',
    revision: 1,
    state: 'ready',
    name: nodeName,
    role: 'worker',
    attempt: 1,
    message: 'the Node is Ready'
  }
  const change = ({ recovery, ...more }: Partial<SeenEnrolment>): SeenEnrolment => {
    const { recovery: _, ...rest } = enrolment
    enrolment = { ...rest, ...more, ...(recovery && { recovery }), revision: enrolment.revision + 1 }
    return enrolment
  }
  const reach = (): void => {
    if (server.away === 0) return
    server.away -= 1
    throw new Unreachable('the server is away')
  }
  /** Accepts the value that both know, or the one of the question before, whose answer may be lost. */
  const fits = ({ current, next }: RecoveryRequest): boolean => {
    if (current === confirmed) return true
    if (pending === undefined || current !== pending || current === next) return false
    confirmed = pending
    return true
  }
  const server: PlayedServer = {
    approves: true,
    refuses: undefined,
    lie: (credential) => credential,
    away: 0,
    approve: () => void change({ recovery: { state: 'approved' }, message: 'it may come back' }),
    end: (message) => void change({ state: 'ready', message }),
    get frozen() {
      return frozen
    },
    get confirmed() {
      return confirmed
    },
    asked,
    outcomes,
    get claims() {
      return claims
    },
    recover: async (request) => {
      reach()
      asked.push(request)
      if (server.refuses !== undefined) throw new Refused(server.refuses, `refused: ${server.refuses}`)
      if (!fits(request)) frozen = true
      if (frozen) throw new Refused('recovery-refused', 'two machines ask with one key')
      pending = request.next
      if (enrolment.state === 'recovering') return enrolment
      const state = server.approves ? 'approved' : 'waiting'
      return change({ state: 'recovering', recovery: { state }, message: 'waiting for an operator' })
    },
    wait: async (after, seconds, signal) => {
      reach()
      for (let waited = 0; ; waited += 1) {
        if (enrolment.revision > after) return enrolment
        if (waited >= seconds || signal.aborted) return undefined
        await pause(1)
      }
    },
    claimRecovery: async ({ request }) => {
      reach()
      claims += 1
      if (enrolment.recovery?.state !== 'approved') throw new Refused('illegal-event', 'it is not approved')
      if (given === undefined) {
        const csr = await cluster.createOwnCsr({ name: `joinery-${randomBytes(4).toString('hex')}`, request })
        await cluster.approveCsr(csr)
        const certificate = await eventually('it is issued', async () => (await cluster.ownCsr(csr.name))?.certificate)
        await cluster.deleteOwnCsr(csr.name)
        const { attempt } = change({ ...enrolment, attempt: enrolment.attempt + 1 })
        const expires = new Date(Date.now() + 600_000).toISOString()
        given = { attempt, nodeName, ...(await cluster.endpoint()), certificate, expires }
      }
      return server.lie(given)
    },
    outcome: async (outcome) => {
      reach()
      outcomes.push(outcome)
      if (enrolment.state !== 'recovering' && outcome.outcome === 'failed') {
        throw new Refused('illegal-event', 'there is no attempt')
      }
      if (outcome.outcome === 'ready') [confirmed, pending] = [pending ?? confirmed, undefined]
      given = undefined
      return change({ state: 'ready', message: 'the Node is Ready' })
    }
  }
  return server
}
