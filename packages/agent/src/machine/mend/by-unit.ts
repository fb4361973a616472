import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { minute } from '@joinery/protocol'
import { units } from '../../host/paths.ts'
import { isDue, type Mended, type Mending } from '../port/mending.ts'
import { busyWith } from './busy.ts'

/** Milliseconds. It is longer than the unit's own time limit. */
const timeout = 5 * minute

/** The files with question and answer, in the agent's folder on tmpfs. */
export const mendFiles = (runDirectory: string) => ({
  asked: `${runDirectory}/mend.json`,
  done: `${runDirectory}/mended.json`
})

/**
 * Has joinery-mend.service mend the machine: outside the agent's sandbox, which cannot load modules, set sysctls or turn
 * swap off. Rejects with CommandError if the unit failed.
 */
export const mendingByUnit = (files: Files, exec: Exec, runDirectory: string): Mending => ({
  mend: async (checks, level) => {
    // to ask the unit for these two would start a program, each second while a package is installed
    if (!checks.some((check) => isDue(check, level))) return { changes: [] }
    const waits = await busyWith(files)
    if (waits !== undefined) return { changes: [], waits }
    const { asked, done } = mendFiles(runDirectory)
    // the answer to an earlier question is no answer to this one
    await files.remove(done)
    await files.write(asked, JSON.stringify([checks, level]), 0o600)
    await exec(['systemctl', 'start', units.mend], { timeout })
    const answer = await files.read(done)
    if (answer === undefined) throw new Error(`${units.mend} gave no answer: journalctl --unit ${units.mend}`)
    return JSON.parse(answer) as Mended
  }
})

/** Does the work of the unit: mends as it was asked, once, and leaves the answer. It does nothing if nobody asked. */
export const mendAsAsked = async (mending: Mending, files: Files, runDirectory: string): Promise<void> => {
  const { asked, done } = mendFiles(runDirectory)
  const question = await files.read(asked)
  if (question === undefined) return
  const given = JSON.parse(question) as Parameters<Mending['mend']>
  await files.write(done, JSON.stringify(await mending.mend(...given)), 0o600)
  await files.remove(asked)
}
