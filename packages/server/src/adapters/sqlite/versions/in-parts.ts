import { isSummed, parseSummed, summed } from '../summed.ts'

/**
 * Fields of a flat enrolment that went into parts, each with the name that it has there. Migration 17 and the reader of logs move them
 * so: the table never changes, and does not follow the names that the program has today.
 */
const parts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  terms: {
    labels: 'labels',
    taints: 'taints',
    readyWhen: 'readyWhen',
    policy: 'policy',
    credential: 'credential',
    prefetch: 'prefetch',
    recover: 'recover'
  },
  approval: {
    shownAt: 'shownAt',
    approved: 'evidence',
    approvedAddresses: 'addresses',
    restored: 'takenBack',
    replaced: 'replaced',
    makingRoom: 'makingRoom'
  },
  join: {
    joinKey: 'key',
    sealKey: 'sealKey',
    grant: 'grant',
    lastAttempt: 'lastAttempt',
    attempts: 'attempts',
    agentSaid: 'said',
    agentReady: 'agentReady',
    ready: 'ready',
    confirmed: 'confirmed',
    labelled: 'labelled'
  },
  diagnosis: { flap: 'flap', cause: 'cause', causesTold: 'told', reported: 'reported' },
  conflict: { conflicts: 'seen', codeClosed: 'codeClosed', keySeen: 'keySeen', borrowed: 'borrowed' },
  certificates: {
    seenCertificate: 'seen',
    servingCsrs: 'serving',
    strayCertificates: 'stray',
    untrusted: 'untrusted',
    certificateBanned: 'nameBanned',
    banned: 'banned',
    unwantedNode: 'unwantedNode'
  }
}

const partsOfField = Object.entries(parts).flatMap(([part, fields]) =>
  Object.entries(fields).map(([field, name]) => [field, { part, name }] as const)
)
const moved = new Map(partsOfField)

/**
 * The enrolment in parts. Enrolments were flat before: all fields stood side by side. One that is in parts already stays as it is, so
 * a document may be read twice.
 */
export const inParts = (enrolment: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  if (Object.hasOwn(enrolment, 'join')) return enrolment
  const made: Record<string, Record<string, unknown>> = Object.fromEntries(Object.keys(parts).map((part) => [part, {}]))
  const others: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(enrolment)) {
    const place = moved.get(field)
    const into = place === undefined ? others : made[place.part]
    if (into !== undefined) into[place?.name ?? field] = value
  }
  return { ...others, ...made }
}

/**
 * The text of an enrolment's document in parts, with its checksum. A text that is damaged stays as it is: its reader finds the damage.
 */
export const textInParts = (text: string, revision: number): string =>
  isSummed(text, revision) ? summed(inParts(parseSummed<Record<string, unknown>>(text, revision)), revision) : text
