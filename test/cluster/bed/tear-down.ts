import { rm } from 'node:fs/promises'
import { removeMountPoints } from './mount-namespace.ts'
import { processesInside, removeNetwork } from './network.ts'
import { waitFor } from './wait-for.ts'

/** Ends everything inside the bed and removes what the run made, logs apart. Where nothing is up it does nothing. */
export async function tearDown(run: string): Promise<void> {
  await waitFor('the processes of the bed to end', killInside, (pids) => pids.length === 0, 10_000)
  await removeNetwork()
  await removeMountPoints(run)
  await rm(run, { recursive: true, force: true })
}

async function killInside(): Promise<number[]> {
  const pids = await processesInside()
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {} // it ended by itself
  }
  return pids
}
