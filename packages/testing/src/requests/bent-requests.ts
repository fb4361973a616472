import { bentAttributes } from './bent-attributes.ts'
import { bentEncodings } from './bent-encodings.ts'
import type { BentRequest } from './bent-request.ts'
import { bentSubjects } from './bent-subjects.ts'
import { bentTexts } from './bent-texts.ts'
import { pemOf, signedRequest } from './signed-request.ts'

/**
 * Requests of a machine that may join as `node`, and wants to be `other`. One parser accepts them and another does not,
 * or two parsers may read them differently. The list is the same each time, except for the key.
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
