import { bentAttributes } from './bent-attributes.ts'
import { bentEncodings } from './bent-encodings.ts'
import type { BentRequest } from './bent-request.ts'
import { bentSubjects } from './bent-subjects.ts'
import { bentTexts } from './bent-texts.ts'
import { pemOf, signedRequest } from './signed-request.ts'

/**
 * The same list each time but for the key: what somebody sends who may join as `node`, and wants to be `other`. What one parser
 * takes and another does not, and what two parsers may read differently.
 */
export const bentRequests = (node: string, other: string): BentRequest[] => [
  ...bentTexts(node, other),
  ...[...bentEncodings(node), ...bentSubjects(node, other), ...bentAttributes(node, other)].map(
    ({ pieces, ...bent }) => ({
      ...bent,
      pem: pemOf(signedRequest(node, pieces))
    })
  )
]
