import type { Files } from '@joinery/host/files'
import { given } from '@joinery/protocol/given'
import type { JournalFile } from '../journal/journal.ts'
import { bootId } from '../machine/host/machine-ids.ts'
import type { MachinePorts } from '../machine/port/machine-ports.ts'
import { interrupted, isIdentified } from '../plan/recovery.ts'

/**
 * At boot, before the kubelet: a join that a power cut interrupted left its credential on disk, and the kubelet would go
 * on asking with it. Gives the number of the attempt that was closed; undefined where there was none, or where the kubelet
 * has an identity of its own already: then only the credential goes.
 *
 * On a copy of the disk too, although this machine began nothing: there the credential is of no use to anybody but a thief.
 * Nothing but that is taken back; what else of a join is there, preflight shows.
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
  // once: a join that somebody makes on the copy later is theirs
  if (!own) await journal.write({})
  else if (!identified) {
    await journal.write({
      ...rest,
      attempt: { ...attempt, failure: interrupted(attempt), ...given({ certificate }) }
    })
  }
  return identified ? undefined : attempt.number
}
