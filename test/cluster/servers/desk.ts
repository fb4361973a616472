import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Enrolment, LogStatus, NewCode, Status } from '@joinery/protocol'
import type { Test } from 'tap'
import { waitFor } from '../bed/wait-for.ts'
import { minutes } from '../product.ts'
import type { World } from './open-servers.ts'
import type { OneServer } from './three-servers.ts'

/** Everything that an operator does with the servers, and sees of them. */
export interface Desk {
  /** Runs `joinery`, and gives its output. Rejects if it fails. */
  must(server: OneServer, ...words: string[]): Promise<string>
  newCode(server: OneServer, name: string): Promise<NewCode>
  /** Names of all codes. */
  names(server: OneServer): Promise<string[]>
  enrolments(server: OneServer): Promise<Enrolment[]>
  status(server: OneServer): Promise<Status>
  /** What `joinery status` shows to a person. */
  shown(server: OneServer): Promise<string>
  /** Answer of `/readyz`. */
  ready(server: OneServer): Promise<{ status: number; body: string }>
  /** Waits until this server refuses to decide and names the active one, of which it learns by its next look at the Lease. */
  standsBy(server: OneServer, active: OneServer): Promise<void>
  logOf(server: OneServer): Promise<string>
  stopAll(): Promise<void>
  /** Has these run, as they are if they do, and no other. Gives the active one. */
  only(...some: readonly OneServer[]): Promise<OneServer>
  /** Starts those that do not run. Gives the active one. */
  allUp(): Promise<OneServer>
  /** Stops all, and starts those that are named. Gives the active one. */
  startOnly(...some: readonly OneServer[]): Promise<OneServer>
  /** Waits until every document is written, and gives where the log is. */
  written(server: OneServer): Promise<LogStatus>
  adopt(t: Test, server: OneServer, how: '--cluster' | '--local'): Promise<void>
}

export const deskOf = ({ bed, servers }: World): Desk => {
  const must: Desk['must'] = async (server, ...words) => {
    const { code, stdout, stderr } = await server.joinery(...words)
    if (code !== 0) throw new Error(`${server.name}: joinery ${words.join(' ')}: exit status ${code}\n${stderr}`)
    return stdout
  }
  const items = async <T>(server: OneServer, ...words: string[]): Promise<T[]> =>
    (JSON.parse(await must(server, ...words, '-o', 'json')) as { items: T[] }).items
  // the command ends with 1 if the server needs a person
  const shown = async (server: OneServer): Promise<string> => (await server.joinery('status')).stdout
  const status = async (server: OneServer): Promise<Status> =>
    JSON.parse((await server.joinery('status', '-o', 'json')).stdout)
  const stopAll = async (): Promise<void> => {
    for (const server of servers.all) if (server.isUp()) await server.signal('SIGTERM')
  }
  const only: Desk['only'] = async (...some) => {
    for (const server of servers.all) if (server.isUp() && !some.includes(server)) await server.signal('SIGTERM')
    for (const server of some) if (!server.isUp()) await server.start()
    return servers.untilActive()
  }
  return {
    must,
    newCode: async (server, name) => JSON.parse(await must(server, 'code', 'create', '--name', name, '-o', 'json')),
    names: async (server) => (await items<{ name: string }>(server, 'code', 'list')).map(({ name }) => name),
    enrolments: (server) => items(server, 'list'),
    status,
    shown,
    ready: (server) =>
      new Promise((resolve, reject) => {
        get(
          { socketPath: bed.hostPath(server.socket), path: '/readyz', agent: false, signal: AbortSignal.timeout(5000) },
          async (answer) => {
            resolve({ status: answer.statusCode ?? 0, body: await text(answer) })
          }
        ).on('error', reject)
      }),
    standsBy: async (server, active) => {
      await waitFor(
        `${server.name} to name ${active.name}`,
        () => server.joinery('list'),
        ({ code, stderr }) => code !== 0 && stderr.includes(active.url),
        minutes
      )
    },
    logOf: (server) => readFile(join(bed.logs, `${server.name}.log`), 'utf8'),
    stopAll,
    only,
    allUp: () => only(...servers.all),
    startOnly: async (...some) => {
      await stopAll()
      for (const server of some) await server.start()
      return servers.untilActive()
    },
    written: async (server) => {
      const look = async () => (await status(server)).log
      const settled = await waitFor('all documents to be written', look, (log) => log?.waiting === 0, minutes)
      return settled as LogStatus
    },
    adopt: async (t, server, how) => {
      const { code, stderr } = await server.program('store', 'adopt', how)
      t.equal(code, 0, `${server.name}: ${stderr}`)
    }
  }
}
