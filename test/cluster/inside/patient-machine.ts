import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadIdentity } from '@joinery/agent/testing/keys'
import { memoryFiles } from '@joinery/fake-machine'
import { agentRoutes, noFacts, serverName } from '@joinery/protocol'
import { newFacts } from '../../bench/inside/enrol-request.ts'

/**
 * One machine that asks one server after the other to enrol it, until one says yes. Run inside the bed. Standard input: a `PatientOrder`
 * as JSON. Standard output: all that it was `Told`, as JSON.
 */
export interface PatientOrder {
  code: string
  name: string
  /** Ports of the servers. */
  ports: number[]
  /** Folder of a server's state, for its CA. */
  state: string
}

/** What one request came to. Without a status there was no answer. */
export interface Told {
  /** When the answer was there, in milliseconds by the wall clock. */
  at: number
  status?: number
  retryAfter?: string
  text?: string
}

const { code, name, ports, state } = JSON.parse(await text(process.stdin)) as PatientOrder
const ca = await readFile(`${state}/ca.crt`, 'utf8')
const { key, certificate } = await loadIdentity(memoryFiles(), '', noFacts)
const body = JSON.stringify({ code, name, facts: newFacts(), preflight: [] })

const ask = (port: number): Promise<Told> =>
  new Promise((resolve) => {
    const { method, path } = agentRoutes.enrol
    const asked = request(
      {
        ...{ host: '127.0.0.1', port, method, path, ca, key, cert: certificate, servername: serverName },
        checkServerIdentity: () => undefined,
        agent: false,
        timeout: 10_000,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      },
      async (answer) => {
        const said = await text(answer).catch(() => undefined)
        const { statusCode: status = 0, headers } = answer
        const retryAfter = headers['retry-after']
        resolve({
          at: Date.now(),
          status,
          ...(retryAfter && { retryAfter }),
          ...(said !== undefined && { text: said })
        })
      }
    )
    asked.on('error', () => resolve({ at: Date.now() }))
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.end(body)
  })

const told: Told[] = []
for (let turn = 0; told.at(-1)?.status !== 201; turn += 1) {
  const answer = await ask(ports[turn % ports.length] as number)
  told.push(answer)
  // as an agent does: who asks sooner than it was told to is refused for that
  await sleep(1000 * Number(answer.retryAfter ?? 0.2))
}
process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0))
