import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSecureContext } from 'node:tls'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { memoryFiles } from '@joinery/fake-machine'
import { noFacts } from '@joinery/protocol'
import { AgentConnection } from '../../bench/inside/connection.ts'
import { newFacts } from '../../bench/inside/enrol-request.ts'

/** Machines that want one code, run inside the bed. Standard input: a `RaceOrder` as JSON. Standard output: a `Finish` as JSON. */
export interface RaceOrder {
  code: string
  racers: number
  /** Ports of the servers. */
  ports: number[]
  /** Folder of a server's state, for its CA. */
  state: string
}

/** Number of machines by what they were answered in the end. */
export interface Finish {
  accepted: number
  refused: number
}

const { code, racers, ports, state } = JSON.parse(await text(process.stdin)) as RaceOrder
const ca = await readFile(`${state}/ca.crt`, 'utf8')
const contexts = await Promise.all(
  Array.from({ length: racers }, async () => {
    const { key, certificate } = await loadIdentity(memoryFiles(), '', noFacts)
    return createSecureContext({ key, cert: certificate, ca, minVersion: 'TLSv1.3' })
  })
)

/** Asks one server after the other until one has decided. */
const run = async (context: (typeof contexts)[number], first: number): Promise<keyof Finish> => {
  const body = JSON.stringify({ code, name: `racer-${first}`, facts: newFacts(), preflight: [] })
  for (let turn = first; ; turn += 1) {
    const connection = new AgentConnection(ports[turn % ports.length] as number, context)
    const answer = await connection.request('POST', '/v1/enrolments', body).catch(() => undefined)
    connection.close()
    // 200: the one that got in asks again, since its answer was lost with the server
    if (answer?.status === 201 || answer?.status === 200) return 'accepted'
    if (answer !== undefined && answer.status < 500 && answer.status !== 429) return 'refused'
    await sleep(100)
  }
}

const finish: Finish = { accepted: 0, refused: 0 }
for (const how of await Promise.all(contexts.map(run))) finish[how] += 1
process.stdout.write(`${JSON.stringify(finish)}\n`, () => process.exit(0))
