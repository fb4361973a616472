import { setTimeout as sleep } from 'node:timers/promises'
import type { Seeded } from '@joinery/testing/chance/seeded'
import type { ClusterDoor } from './cluster-door.ts'
import type { Span } from './history.ts'
import { type Disturbance, disturbances } from './plan/disturbances.ts'
import type { Recorder } from './recorder.ts'
import type { ServerProcess } from './server-process.ts'
import type { SmallDisk } from './small-disk.ts'

export interface Disturbed {
  server: ServerProcess
  door: ClusterDoor
  /** Undefined: there is none that can be filled. */
  disk: SmallDisk | undefined
  random: Seeded
  recorder: Recorder
  now: () => number
  over: AbortSignal
}

/** One disturbance after the other until it is over, then none. Gives the times in which all was quiet; the last has no end yet. */
export const disturb = async (
  what: Disturbed
): Promise<{ quiet: Span[]; counts: Record<Disturbance['kind'], number> }> => {
  const { disk, random, recorder, now, over } = what
  const quiet: Span[] = [{ from: now(), to: Number.POSITIVE_INFINITY }]
  const counts = { kill: 0, api: 0, disk: 0 }
  for (const disturbance of disturbances(random, disk !== undefined)) {
    const due = recorder.answers + disturbance.answers
    while (recorder.answers < due && !over.aborted) await sleep(5)
    if (over.aborted) return { quiet, counts }
    Object.assign(quiet.at(-1) as Span, { to: now() })
    counts[disturbance.kind] += 1
    await cause(disturbance, what)
    quiet.push({ from: now(), to: Number.POSITIVE_INFINITY })
  }
  return { quiet, counts }
}

const cause = async (disturbance: Disturbance, { server, door, disk }: Disturbed): Promise<void> => {
  switch (disturbance.kind) {
    case 'kill':
      await server.kill()
      await sleep(disturbance.down)
      await server.start()
      break
    case 'api':
      door.disturb(disturbance.fate, disturbance.share)
      await sleep(disturbance.lasts)
      door.calm()
      break
    case 'disk':
      await disk?.fill(disturbance.room)
      if (disturbance.kill) {
        await server.kill()
        await server.start()
      }
      await sleep(disturbance.lasts)
      await disk?.makeRoom()
  }
}
