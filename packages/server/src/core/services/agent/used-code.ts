import { hasEnded } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Enrolments } from '../../commit/enrolments.ts'
import type { UniqueMachines } from '../../commit/unique-machines.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import { decideSecondKey } from '../../enrolment/decision/conflict.ts'
import type { Knock } from '../../enrolment/verbs/enrol.ts'
import type { CodeDocument, EnrolmentDocument } from '../../ports/store/store.ts'
import { countsNames, requireAskedName } from './asked-name.ts'
import { type NoteParts, noteRefusal } from './note-refusal.ts'
import { judgeSighting } from './sighting.ts'

export interface UsedCodeParts extends NoteParts {
  enrolments: Enrolments
  machines: UniqueMachines
  credentials: Pick<Credentials, 'settleSoon'>
}

/**
 * Answers a key that comes again with its code. A name that was counted stays: it is the server's, whatever the machine calls
 * itself.
 */
export const enrolAgain = async (
  parts: UsedCodeParts,
  code: CodeDocument,
  used: EnrolmentDocument,
  knock: Knock
): Promise<EnrolmentDocument> => {
  const { code: _, name: asked, ...observation } = knock.request
  const known = countsNames(code) || asked === used.name ? used.name : code.name
  const name = known ?? (await requireAskedName(parts, code, asked, knock))
  const sighting = { address: knock.address, ...given({ version: knock.version }), name, observation }
  return parts.enrolments.change(used.id, await judgeSighting(parts.machines, sighting))
}

/**
 * Freezes the enrolment behind a code for one machine because another key came with the code, unless the enrolment has ended.
 */
export const freezeForSecondKey = async (
  parts: UsedCodeParts,
  code: CodeDocument,
  used: EnrolmentDocument,
  { key, address, request }: Knock
): Promise<void> => {
  if (hasEnded(used)) {
    const reason = `its enrolment ${used.id} is ${used.state}`
    return noteRefusal(parts, code, { event: 'conflict', reason }, { key, address })
  }
  const { facts, joinKey, sealKey } = request
  const reason = `the code was presented by a second key, ${key}, from ${address}`
  const frozen = await parts.enrolments.change(used.id, (enrolment, now) =>
    decideSecondKey(
      enrolment,
      {
        key,
        address,
        at: now.toISOString(),
        facts,
        ...given({ joinKey, sealKey })
      },
      reason,
      now
    )
  )
  await parts.credentials.settleSoon(frozen)
}
