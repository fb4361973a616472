import type { Files } from '@joinery/host/files'
import { given } from '@joinery/protocol/given'
import { bootId } from '../host/machine-ids.ts'
import type { JournalFile } from '../journal/journal.ts'
import type { MachinePorts } from '../machine/port/machine-ports.ts'
import { interrupted, isIdentified } from '../plan/recovery.ts'

/**
 * Closes a join that a power cut interrupted, at boot, before the kubelet. Such a join left its credential on disk,
 * and the kubelet would go on asking with it. Returns the number of the attempt that was closed. Undefined if there
 * was none, or if the kubelet has an identity of its own already: then only the credential goes.
 *
 * It does so on a copy of the disk too, although this machine began nothing: there the credential only helps a thief.
 * Nothing else is taken back there. Preflight shows what else of a join is there.
 */
export const closeInterruptedJoin = async (
  { looking, joining }: Pick<MachinePorts, 'looking' | 'joining'>,
  journal: JournalFile,
  files: Files
): Promise<number | undefined> => {
  const {
    journal: { attempt, ...rest },
    own
  } = await journal.readAny()
  if (attempt === undefined || attempt.failure !== undefined || attempt.bootId === (await bootId(files)))
    return undefined
  const join = await looking.joinState()
  const { certificate } = join
  const identified = isIdentified(join)
  await (identified ? joining.removeSecrets() : joining.closeJoin())
  // only once: a join that somebody makes on the copy later is theirs
  if (!own) await journal.write({})
  else if (!identified) {
    await journal.write({
      ...rest,
      attempt: { ...attempt, failure: interrupted(attempt), ...given({ certificate }) }
    })
  }
  return identified ? undefined : attempt.number
}
