import type { SeenEnrolment } from '../../contract.ts'
import { factTexts } from './facts.ts'
import { shortKey } from './key-groups.ts'
import { fitsState } from './verbs.ts'

/** A field that is other than it was when the operator looked. */
export interface Difference {
  label: string
  before: string
  after: string
}

type Row = [label: string, value: string]

/** Word for a field that is empty. */
export const none = 'none'

const labels = ({ labels = {}, taints = [] }: SeenEnrolment): Row[] => [
  [
    'Labels',
    Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(', ')
  ],
  [
    'Taints',
    taints
      .map(({ key, value = '', effect }) => `${key}=${value}:${effect}`)
      .sort()
      .join(', ')
  ]
]

const checks = ({ preflight }: SeenEnrolment): Row[] =>
  preflight.map(({ name, verdict, finding = '' }) => [
    `Check ${name}`,
    finding === '' ? verdict : `${verdict}: ${finding}`
  ])

/** Everything that an operator judges, in words, the gravest first. */
const judged = (enrolment: SeenEnrolment): Row[] => {
  const { state, name, role, key, joinKey = '', sealKey = '', address, nameConflict = '', former } = enrolment
  const { conflicts = [], conflictCount = conflicts.length, recovery, facts, credential } = enrolment
  return [
    ['Key', shortKey(key)],
    ['Join key', shortKey(joinKey)],
    ['Seal key', sealKey.slice(-24)],
    ['State', state],
    ['Name', name],
    ['Role', role],
    ['Credential', credential],
    ['Address seen', address],
    ['Name conflict', nameConflict],
    ['Other keys', conflictCount === 0 ? '' : `${conflictCount}`],
    ['Former machine', former?.enrolment ?? ''],
    [
      'Way back',
      recovery === undefined ? '' : [recovery.state, recovery.asked?.address ?? ''].filter(Boolean).join(' from ')
    ],
    ...factTexts(facts),
    ...labels(enrolment),
    ...checks(enrolment)
  ]
}

/**
 * The fields that differ between two looks at one enrolment, so that a person who is about to approve sees what is new. Empty if
 * all that a person judges is the same.
 */
export const differences = (before: SeenEnrolment, after: SeenEnrolment): Difference[] => {
  const was = new Map(judged(before))
  const is = new Map(judged(after))
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((label) => {
    const [one = '', other = ''] = [was.get(label), is.get(label)]
    return one === other ? [] : [{ label, before: one || none, after: other || none }]
  })
}

/**
 * True if an operator must look again before they decide: the machine waits for a decision, and what they have seen is not what is
 * there. A machine that only goes on its way, such as after an approval, asks for no new look.
 */
export const needsLook = (seen: SeenEnrolment, now: SeenEnrolment): boolean => {
  if (!isOutdated(seen, now) || !isDecided(now)) return false
  if (seen.key !== now.key || seen.state === now.state) return true
  return differences({ ...seen, state: now.state }, now).length > 0
}

/** True if an operator may let the machine in, or say which one it is. */
const isDecided = (now: SeenEnrolment): boolean =>
  fitsState('approve', now) || fitsState('retry', now) || fitsState('release', now)

/** True if an approval of the first look would not be one of the second. */
export const isOutdated = (
  seen: Pick<SeenEnrolment, 'revision' | 'key'>,
  now: Pick<SeenEnrolment, 'revision' | 'key'>
): boolean => seen.revision !== now.revision || seen.key !== now.key
