import { filesUnder } from '@joinery/host/files'
import type { Why } from '@joinery/protocol'
import { JournalFile } from '../journal/journal.ts'
import { linuxMachine } from '../machine/linux-machine.ts'
import type { Looking } from '../machine/port/looking.ts'
import { readStatus, type StatusPaths } from '../status/read-status.ts'
import { hasNeverJoined, neverJoined } from './never-joined.ts'
import { nodeNameHere } from './node-name.ts'
import { summaryOf } from './summary.ts'

/** Looks why the Node of this machine is not Ready. It asks no pairing server. */
export const whyHere = async (here: StatusPaths): Promise<Why> => {
  const { stateDirectory, runDirectory } = here
  const files = filesUnder('/')
  const journal = new JournalFile(files, stateDirectory)
  const name = await nodeNameHere(files, journal)
  if (await hasNeverJoined(files, await journal.read())) return neverJoined(await readStatus(here), name, new Date())
  return whyOf(linuxMachine({ runDirectory }).looking, name, new Date())
}

/** The answer of the machine to why its Node is not Ready. `at`: the time of the look. */
export const whyOf = async (looking: Pick<Looking, 'whyNotReady'>, name: string, at: Date): Promise<Why> => {
  const { readiness, causes, unseen } = await looking.whyNotReady(name)
  const time = at.toISOString()
  const why = { name, at: time, ready: readiness.ready, causes, machine: time, ...(unseen.length > 0 && { unseen }) }
  return { ...why, summary: summaryOf(why, readiness) }
}
