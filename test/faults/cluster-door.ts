import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { deserialize, serialize } from 'node:v8'
import { type ProblemCode, ProblemError, type ProblemText } from '@joinery/protocol'
import type { Clock } from '@joinery/server/testing/base'
import type { Seeded } from '@joinery/testing/chance/seeded'
import { type FakeCluster, fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import type { ServerRights } from '@joinery/testing/cluster/fake/ground'
import type { ClusterCall } from './history.ts'
import type { Fate } from './plan/disturbances.ts'

/** What the server is answered, as `v8.serialize` writes it. */
export type Answer = { value: unknown } | { problem: { code: ProblemCode; text: ProblemText } }

/** A rehearsal cluster for a server that is another process: what it has is here, whatever becomes of the server. */
export interface ClusterDoor {
  cluster: FakeCluster
  /** Those that matter to a judge, in the order in which they were carried out. */
  calls: readonly ClusterCall[]
  /** From now on this share of the calls has that fate. */
  disturb(fate: Fate, share: number): void
  calm(): void
  /** Ends when no call is on its way any more. */
  close(): Promise<void>
}

/** Reads, and what only repeats them, say nothing of what was given to whom. */
const recorded = ['createToken', 'deleteToken', 'settleBannedLeases']

const longest = { slow: 400, late: 1500 }

export const openClusterDoor = async (
  socket: string,
  clock: Clock & { exact(): number },
  random: Seeded,
  rights: ServerRights
): Promise<ClusterDoor> => {
  const cluster = await fakeCluster(clock, rights)
  const calls: ClusterCall[] = []
  const onTheirWay = new Set<Promise<unknown>>()
  const watchers = new Set<ServerResponse>()
  let disturbed: { fate: Fate; share: number } | undefined

  const carryOut = async (call: string, args: unknown[], sent: number): Promise<Answer> => {
    const carried = cluster[call as 'version'] as (...args: unknown[]) => Promise<unknown>
    const answer = await carried(...args).then(
      (value) => ({ value }),
      (error: unknown) => {
        if (!(error instanceof ProblemError)) throw error
        return { problem: { code: error.code, text: error.text } }
      }
    )
    const said = { call, args: call === 'settleBannedLeases' ? [] : args, sent, done: clock.exact() }
    if (recorded.includes(call)) calls.push({ ...said, refused: 'problem' in answer })
    return answer
  }

  /** Undefined: the answer is lost. */
  const answer = async (call: string, args: unknown[]): Promise<Answer | undefined> => {
    const sent = clock.exact()
    const fate = disturbed !== undefined && random.chance(disturbed.share) ? disturbed.fate : undefined
    if (fate === 'failing') return { problem: { code: 'cluster-unavailable', text: { detail: 'connection refused' } } }
    if (fate === 'slow') await sleep(random.integer(0, longest.slow))
    const carried =
      fate === 'late'
        ? sleep(random.integer(0, longest.late)).then(() => carryOut(call, args, sent))
        : carryOut(call, args, sent)
    const done = carried.finally(() => onTheirWay.delete(done))
    onTheirWay.add(done)
    return fate === 'late' || (fate === 'cut' && (await carried)) ? undefined : carried
  }

  const server = createServer(async (request, response) => {
    const call = (request.url ?? '').slice(1)
    if (call === 'watch') return void watchers.add(response.on('close', () => watchers.delete(response)))
    const told = await answer(call, deserialize(await buffer(request)))
    if (told === undefined) response.destroy()
    else response.end(serialize(told))
  })
  cluster.watch((node) => {
    const line = `${serialize(node).toString('base64')}\n`
    for (const watcher of watchers) watcher.write(line)
  }, new AbortController().signal)
  server.listen(socket)
  await once(server, 'listening')

  return {
    cluster,
    calls,
    disturb: (fate, share) => {
      disturbed = { fate, share }
    },
    calm: () => {
      disturbed = undefined
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await Promise.all(onTheirWay)
    }
  }
}
