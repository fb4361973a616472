import { rm } from 'node:fs/promises'
import { processesInside, removeNetwork } from './network.ts'
import type { Place } from './place.ts'
import { waitFor } from './wait-for.ts'

/** Ends everything inside the bed and removes what the run made, logs apart. Where nothing is up it does nothing. */
export async function tearDown({ namespace, run }: Pick<Place, 'namespace' | 'run'>): Promise<void> {
  const kill = () => killInside(namespace)
  await waitFor('the processes of the bed to end', kill, (pids) => pids.length === 0, 10_000)
  await removeNetwork(namespace)
  await rm(run, { recursive: true, force: true })
}

async function killInside(namespace: string): Promise<number[]> {
  const pids = await processesInside(namespace)
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {} // it ended by itself
  }
  return pids
}
