import { CommandEnd } from '@joinery/host/command-end'
import { sealedLimit } from '@joinery/protocol'
import { readSealKey, type SharedFiles, seal } from '@joinery/protocol/seal'
import type { OperatorClient, SeenEnrolment, SeenEnrolmentDetail } from '../operator-client.ts'
import { exitCodes } from '../terminal/errors.ts'

/**
 * Seals the keys of the cluster to the machine as it was shown, and gives the server the result, which only that
 * machine can open. Throws if the machine did not sign its seal key itself, whatever the server says.
 */
export const grantKeys = async (
  client: OperatorClient,
  { id, name, key, sealKey }: SeenEnrolmentDetail,
  files: SharedFiles
): Promise<SeenEnrolment> => {
  if (sealKey === undefined) {
    throw new CommandEnd(
      exitCodes.conflict,
      `the agent of ${name} has not sent a key to seal to`,
      'try again in a minute; if it never does, its agent is too old: upgrade joinery-agent on the machine'
    )
  }
  const opensIt = await readSealKey(sealKey, key).catch((cause) => {
    throw new CommandEnd(
      exitCodes.conflict,
      `the seal key of ${name} is not signed with its machine key: nothing is granted`,
      `reject it, and find out who changed it: joinery reject ${name} --reason ...`,
      { cause }
    )
  })
  const sealed = await seal({ enrolment: id, files }, opensIt)
  if (sealed.length > sealedLimit) {
    throw new CommandEnd(
      exitCodes.failure,
      `the keys of the cluster are too large to be granted: ${sealed.length} characters, at most ${sealedLimit}`,
      'see whether ca.crt and the other files hold more than they need'
    )
  }
  return client.grant(id, { key, sealKey, sealed })
}
