import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { leaseTimes, notActive, untilOver } from '@joinery/server/testing/leadership'
import { type Figure, quantile, round, spread } from './figure.ts'
import type { ServerCalls } from './inside/server.ts'
import type { SeveralServersAgentsCalls } from './inside/several-servers-agents.ts'
import type { Size } from './size.ts'
import { cores, openStage } from './stage.ts'

/**
 * Agents that wait at a server that is killed, while another one stands by, and takes over when the lease is over: how soon each of them
 * has an answer.
 */
export const severalServers = async ({ machines: count = 200 }: Size): Promise<Figure[]> => {
  await using stage = await openStage()
  const { server, address, folder } = stage
  const agents = stage.start<SeveralServersAgentsCalls>('several-servers-agents', cores.others)
  using standby = await openStandby(join(folder, 'server'))
  const urls: [string, string] = [`https://127.0.0.1:${address.port}`, `https://127.0.0.1:${standby.port}`]
  await agents.call('wait', urls, address.pin, await server.call('codes', count))
  await sleep(2000)
  // a server that stands by is a process that runs
  const successor = stage.start<ServerCalls>('server', cores.server)
  const before = await agents.call('usage')
  const killed = process.hrtime.bigint()
  standby.seesNoRenewal()
  process.kill(server.pid, 'SIGKILL')
  await server.ended
  await sleep(leaseTimes.lasts)
  standby.becomes((await successor.call('start', folder)).port)
  const active = process.hrtime.bigint()
  for (;;) {
    const seen = await agents.call('agents')
    if (seen.every(({ backAt }) => backAt !== undefined)) break
    await sleep(200)
  }
  const { cpu } = await agents.call('usage')
  const seen = await agents.call('agents')
  const since = (from: bigint) => seen.map(({ backAt = 0n }) => Number(backAt - from) / 1e6)
  const [fromKill, fromTakeOver] = [since(killed), since(active)]
  const last = Math.max(...fromKill)
  const tries = quantile(
    seen.map((agent) => agent.tries),
    0.5
  )
  return [
    {
      name: `${count} agents go on after a kill`,
      measured: `${spread(fromKill)}, last ${round(last / 1000)} s; the other server was active after ${round(Number(active - killed) / 1e9)} s`,
      judged: { 'agents-go-on': last / 1000 }
    },
    {
      name: 'the same from the take-over on',
      measured:
        `${spread(fromTakeOver)}; ${tries} tries each until then (median); ` +
        `the program of all agents took ${round((cpu - before.cpu) / 1000)} s of a core until all were back`
    }
  ]
}

/**
 * A server that stands by, with the keys of the active one, and says what a real one says. When it becomes active, its port leads to another
 * listener.
 */
const openStandby = async (state: string) => {
  const read = (file: string) => readFile(join(state, file), 'utf8')
  const [key, leaf, ca] = [await read('tls.key'), await read('tls.crt'), await read('ca.crt')]
  let since: number | undefined
  const server = createServer(
    { key, cert: `${leaf}\n${ca}`, minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      request.resume()
      const now = performance.now()
      const { body, retryAfter } = notActive(undefined, untilOver({ seen: undefined, since: since ?? now }, now, now))
      response.writeHead(body.status, { 'content-type': 'application/json', 'retry-after': `${retryAfter}` })
      response.end(JSON.stringify(body))
    }
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  let target = (server.address() as AddressInfo).port
  const door = createTcpServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near]
    ] as const) {
      socket.on('error', () => other.destroy()).on('close', () => other.destroy())
      socket.pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  return {
    port: (door.address() as AddressInfo).port,
    seesNoRenewal: () => {
      since = performance.now()
    },
    becomes: (port: number) => {
      target = port
      server.closeAllConnections()
      server.close()
    },
    [Symbol.dispose]: () => void door.close()
  }
}
