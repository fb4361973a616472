import { text } from 'node:stream/consumers'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { httpPairingServer, Refused } from '@joinery/agent/testing/pairing'
import { systemClock } from '@joinery/agent/testing/program'
import { filesUnder } from '@joinery/host/files'
import { type Facts, noFacts } from '@joinery/protocol'
import { certificateIdentity } from '@joinery/server/testing/enrolment'

/**
 * A machine that is only its protocol: run inside the bed, where the pairing server is. Standard input: one JSON order;
 * standard output: the answer, or `{"refused": CODE, "text": ...}`. Its key is kept in the order's folder.
 */
export interface Order {
  do: 'enrol' | 'claim' | 'fail' | 'ready'
  folder: string
  machineId: string
  /** Serial number that it says it has; none if absent. */
  serial?: string
  server: string
  pin: string
  code?: string
  /** For `fail`: the attempt that did. */
  attempt?: number
  /** For `ready`: PEM of the certificate that its kubelet holds. */
  certificate?: string
}

const order = JSON.parse(await text(process.stdin)) as Order
const facts: Facts = { ...noFacts, machineId: order.machineId, serial: order.serial ?? '' }
const identity = await loadIdentity(filesUnder('/'), order.folder, facts)
const server = httpPairingServer(order.server, order.pin, async () => identity, systemClock)

const answer = async (): Promise<unknown> => {
  switch (order.do) {
    case 'enrol':
      return {
        key: identity.fingerprint,
        ...(await server.enrol({ code: order.code ?? '', name: 'paper', facts, preflight: [] }))
      }
    case 'claim':
      return server.claim()
    case 'fail': {
      const [attempt, stage] = [order.attempt ?? 0, 'waiting for the kubelet to perform the TLS bootstrap']
      return server.outcome({ outcome: 'failed', attempt, class: 'transient', stage, output: [] })
    }
    case 'ready':
      return server.outcome({ outcome: 'ready', certificate: certificateIdentity(order.certificate ?? '') })
  }
}

const printed = await answer().catch((error) => {
  if (error instanceof Refused) return { key: identity.fingerprint, refused: error.code, text: error.message }
  throw error
})
console.log(JSON.stringify(printed))
process.exit(0)
