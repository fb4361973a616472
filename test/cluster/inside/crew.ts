import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Code, EnrolmentDetail } from '@joinery/protocol'
import { seededFor } from '@joinery/testing/chance/seeded'
import { clusterByApi } from '@joinery/testing/cluster/world/cluster-by-api'
import { readKubeconfig } from '../../contract/kubeconfig.ts'
import type { Exchange, History } from '../../faults/history.ts'
import { Machine, type Patience } from '../../faults/machine.ts'
import { type Operator, operatorOn } from '../../faults/operator.ts'
import { type Step, wantsSharedName, wayOf } from '../../faults/plan/way.ts'
import { newRecorder, type Recorder } from '../../faults/recorder.ts'

/**
 * Machines with their kubelets and their operator, of which each is only its protocol, beside several pairing servers. They run inside the
 * bed. Standard input: a `CrewOrder` as JSON. Standard output: `CrewSaw` as JSON, when the last machine is done.
 */
export interface CrewOrder {
  seed: number
  machines: number
  /** Number of machines that are on their way at one time. */
  lanes: number
  /** Ports of the agents' listeners, and sockets of the operators, one of each for a server. */
  servers: { port: number; socket: string }[]
  /** Folder of a server's state, for its CA. */
  state: string
  /** Seconds after which no machine begins a step any more. */
  seconds: number
}

/** What the crew asked and was answered, and what the servers say at the end. */
export type CrewSaw = Pick<History, 'exchanges' | 'enrolments' | 'codes' | 'secrets'> & { machines: number }

const order = JSON.parse(await text(process.stdin)) as CrewOrder
const patience: Patience = { answer: 25_000, step: 90_000, certificate: 10_000 }

/** One of several. It asks the next one from then on if one is not active, is away, or has not answered. */
class Turn {
  #at = 0
  readonly #count: number
  constructor(count: number) {
    this.#count = count
  }
  get at(): number {
    return this.#at
  }
  heard(at: number, { status, text = '' }: Exchange): void {
    const isNext = status === undefined || (status === 503 && text.includes('"not-active"'))
    if (isNext && at === this.#at) this.#at = (at + 1) % this.#count
  }
}

const { access, identity } = await readKubeconfig('/etc/kubernetes/admin.conf')
const cluster = clusterByApi(access, identity, { goDown: async () => {}, comeBack: async () => {} })
const recorder = newRecorder(Date.now)
const [agentsTurn, operatorsTurn] = [new Turn(order.servers.length), new Turn(order.servers.length)]

/** Writes down what is asked, and turns to the next server as a machine does. */
const turning: Recorder = {
  get exchanges() {
    return recorder.exchanges
  },
  get answers() {
    return recorder.answers
  },
  record: async (asked, ask) => {
    const { at } = agentsTurn
    const exchange = await recorder.record(asked, ask)
    agentsTurn.heard(at, exchange)
    return exchange
  }
}
const desks = order.servers.map((server) => operatorOn(server, recorder))
const operator: Operator = {
  ask: async (...asked) => {
    const { at } = operatorsTurn
    const exchange = await (desks[at] as Operator).ask(...asked)
    operatorsTurn.heard(at, exchange)
    return exchange
  },
  close: async () => void (await Promise.all(desks.map((desk) => desk.close())))
}

const secrets = new Set<string>()
const around = {
  server: {
    get port() {
      return order.servers[agentsTurn.at]?.port
    }
  },
  authority: await readFile(`${order.state}/ca.crt`, 'utf8'),
  operator,
  cluster,
  recorder: turning,
  secrets,
  over: AbortSignal.timeout(order.seconds * 1000),
  patience
}

/** The way of a machine here. Nobody takes a decision back: a Node that is removed for good would be looked for until it is gone. */
const ways = (number: number): Step[] => wayOf(seededFor(order.seed, 10_000 + number))

let begun = 0
const lane = async (): Promise<void> => {
  while (begun < order.machines && !around.over.aborted) {
    const number = begun
    begun += 1
    const random = seededFor(order.seed, 1000 + number)
    const name = wantsSharedName(random) ? `shared-${random.integer(1, 5)}` : `paper-${order.seed}-${number}`
    await new Machine({ ...around, random }, name).go(ways(number))
  }
}
await Promise.all(Array.from({ length: order.lanes }, lane))

/** Asks until an active server answers: the last of them may have ended a moment ago. */
const asked = async <T>(call: 'list' | 'listCodes' | 'show', reference?: string): Promise<T> => {
  const end = performance.now() + 60_000
  for (;;) {
    const { status, text = '' } = await operator.ask(call, reference)
    if (status === 200) return JSON.parse(text) as T
    if (performance.now() > end) throw new Error(`${call} is answered ${status}: ${text}`)
    await sleep(200)
  }
}
const enrolments: EnrolmentDetail[] = []
for (const { id } of (await asked<{ items: { id: string }[] }>('list')).items) {
  enrolments.push(await asked<EnrolmentDetail>('show', id))
}
const { items: codes } = await asked<{ items: Code[] }>('listCodes')
const saw: CrewSaw = { machines: begun, exchanges: recorder.exchanges, enrolments, codes, secrets: [...secrets] }
process.stdout.write(`${JSON.stringify(saw)}\n`, () => process.exit(0))
