import { section } from '@joinery/host/text/section'
import { shellWord } from '@joinery/host/text/shell-word'
import { alertCell } from '@joinery/host/text/styles'
import type { Cell } from '@joinery/host/text/table'
import { type Conflict, isFrozen, shortFingerprint } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { SeenEnrolmentDetail } from '../../operator-client.ts'
import type { Screen, Terminal } from '../../terminal/terminal.ts'
import { claims } from './claims.ts'
import { factRows } from './fact-rows.ts'

/**
 * The keys that used one code, side by side, with their differences. Their machines' words are set off as claims. Empty
 * if only one key used it.
 */
export const keySections = (
  enrolment: SeenEnrolmentDetail,
  when: (time: string) => string,
  screen: Screen
): string[] => {
  const { conflicts = [] } = enrolment
  if (conflicts.length === 0) return []
  const all = claimsOf(enrolment)
  return [
    section('Keys that used the code', keyRows(all, when), screen.colour),
    claims('Their machines, as each claims to be', claimedRows(all), screen)
  ]
}

type Told = Pick<Terminal, 'colour' | 'told'>

/** Commands that end the freeze of an enrolment. `reference`: the operator's name for it. */
export const releaseSection = (enrolment: SeenEnrolmentDetail, reference: string, screen: Told): string[] =>
  isFrozen(enrolment)
    ? [section('To end the freeze', releaseRows(enrolment, shellWord(reference), screen), screen.colour)]
    : []

/** All claims of the code, the owner's first. */
const claimsOf = ({ key, address, created, keySeen, joinKey, facts, conflicts = [] }: SeenEnrolmentDetail): Claim[] => [
  { key, address, at: keySeen ?? created, facts, ...given({ joinKey }) },
  ...conflicts
]

type Claim = Omit<Conflict, 'facts'> & Pick<SeenEnrolmentDetail, 'facts'>

const headers = (all: readonly Claim[]): Cell[] => [
  '',
  'OWNER',
  ...all.slice(1).map((_, number) => (all.length === 2 ? 'OTHER' : `OTHER ${number + 1}`))
]

const row = (
  all: readonly Claim[],
  label: string,
  value: (claim: Claim) => string,
  shown = (text: string) => text
): Cell[] => {
  const values = all.map(value)
  return [label, ...values.map(shown), ...(new Set(values).size > 1 ? [alertCell('differs')] : [])]
}

const keyRows = (all: readonly Claim[], when: (time: string) => string): Cell[][] => [
  headers(all),
  row(all, 'Key:', ({ key }) => key, shortFingerprint),
  ['First seen:', ...all.map(({ at }) => when(at))],
  row(all, 'Address:', ({ address }) => address)
]

const claimedRows = (all: readonly Claim[]): Cell[][] => {
  const labels = all.slice(0, 1).flatMap(({ facts }) => factRows(facts).map(([label]) => label))
  const joinKeys = all.some(({ joinKey }) => joinKey !== undefined)
  const short = (key: string) => (key ? shortFingerprint(key) : '<none>')
  return [
    headers(all),
    ...labels.map((label, number) => row(all, label, ({ facts }) => factRows(facts)[number]?.[1] ?? '')),
    ...(joinKeys ? [row(all, 'Join key:', ({ joinKey = '' }) => joinKey, short)] : [])
  ]
}

/** Commands with each whole key, for copying. An operator may also type its short form. */
const releaseRows = (enrolment: SeenEnrolmentDetail, reference: string, { told }: Told): Cell[][] => {
  const keys = enrolment.withoutAgent ? [] : new Set(claimsOf(enrolment).map(({ key }) => key))
  return [
    ...[...keys].map((key) => [
      `${shortFingerprint(key)} is right:`,
      told(`joinery release ${reference} --key ${key}`)
    ]),
    ...(enrolment.conflictCount === undefined
      ? []
      : [
          [
            'another is:',
            told(`joinery release ${reference} --key KEY, with the whole key from joinery-agent status there`)
          ]
        ]),
    ['none is:', told(`joinery reject ${reference} --reason 'not one of ours'`)]
  ]
}
