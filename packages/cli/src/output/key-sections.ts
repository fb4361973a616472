import { type Conflict, type EnrolmentDetail, shortFingerprint } from '@joinery/protocol'
import { section } from '@joinery/protocol/text/section.ts'
import { shellWord } from '@joinery/protocol/text/shell-word.ts'
import { alertCell } from '@joinery/protocol/text/styles.ts'
import type { Cell } from '@joinery/protocol/text/table.ts'
import { factRows } from './fact-rows.ts'

/**
 * Where several keys used one code: side by side, with what differs. Of a frozen enrolment also the commands that end the
 * freeze, for what the operator calls `reference`.
 */
export const keySections = (
  enrolment: EnrolmentDetail,
  reference: string,
  when: (time: string) => string,
  colour: boolean
): string[] => {
  const { conflicts, state } = enrolment
  return [
    ...(conflicts.length === 0 ? [] : [section('Keys that used the code', keyRows(claimsOf(enrolment), when), colour)]),
    ...(state === 'frozen' ? [section('To end the freeze', releaseRows(enrolment, shellWord(reference)), colour)] : [])
  ]
}

/** The owner's first. */
const claimsOf = ({ key, address, created, keySeen, joinKey, facts, conflicts }: EnrolmentDetail): Conflict[] => [
  { key, address, at: keySeen ?? created, facts, ...(joinKey !== undefined && { joinKey }) },
  ...conflicts
]

const keyRows = (claims: readonly Conflict[], when: (time: string) => string): Cell[][] => {
  const row = (label: string, value: (claim: Conflict) => string, shown = (text: string) => text): Cell[] => {
    const values = claims.map(value)
    return [label, ...values.map(shown), ...(new Set(values).size > 1 ? [alertCell('differs')] : [])]
  }
  const labels = claims.slice(0, 1).flatMap(({ facts }) => factRows(facts).map(([label]) => label))
  return [
    ['', 'OWNER', ...claims.slice(1).map((_, number) => (claims.length === 2 ? 'OTHER' : `OTHER ${number + 1}`))],
    row('Key:', ({ key }) => key, shortFingerprint),
    ['First seen:', ...claims.map(({ at }) => when(at))],
    row('Address:', ({ address }) => address),
    ...labels.map((label, number) => row(label, ({ facts }) => factRows(facts)[number]?.[1] ?? '')),
    ...(claims.some(({ joinKey }) => joinKey !== undefined)
      ? [
          row(
            'Join key:',
            ({ joinKey = '' }) => joinKey,
            (joinKey) => (joinKey ? shortFingerprint(joinKey) : '<none>')
          )
        ]
      : [])
  ]
}

/** Whole fingerprints: a stranger can make a key that has the short form of another. */
const releaseRows = (enrolment: EnrolmentDetail, reference: string): Cell[][] => {
  const keys = enrolment.withoutAgent ? [] : new Set(claimsOf(enrolment).map(({ key }) => key))
  return [
    ...[...keys].map((key) => [`${shortFingerprint(key)} is right:`, `joinery release ${reference} --key ${key}`]),
    ['none is:', `joinery reject ${reference} --reason 'not one of ours'`]
  ]
}
