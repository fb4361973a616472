import type { JournalFile } from './journal.ts'
import { bootId } from './machine/boot-id.ts'
import type { Files } from './machine/files.ts'
import type { Machine } from './machine/machine.ts'
import { interrupted } from './plan.ts'

/**
 * At boot, before the kubelet: a join that a power cut interrupted left its credential on disk, and the kubelet would go
 * on asking with it. Gives the number of the attempt that was closed; undefined where there was none, or where the kubelet
 * has an identity of its own already: then only the credential goes.
 */
export const closeInterrupted = async (
  machine: Machine,
  journal: JournalFile,
  files: Files
): Promise<number | undefined> => {
  const { attempt } = await journal.read()
  if (attempt === undefined || attempt.failure !== undefined || attempt.bootId === (await bootId(files)))
    return undefined
  const { kubeletConf, certificate } = await machine.joinState()
  if (kubeletConf && certificate !== undefined) {
    await machine.removeSecrets()
    return undefined
  }
  await machine.closeJoin()
  await journal.write({ attempt: { ...attempt, failure: interrupted } })
  return attempt.number
}
