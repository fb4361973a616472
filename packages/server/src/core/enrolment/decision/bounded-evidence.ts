import type { Check, Facts } from '@joinery/protocol'
import { cutAt } from '../../ports/cluster/bounded-text.ts'

/** Bytes of a preflight report that an enrolment keeps as they came. A machine on which everything fails needs fewer. */
export const preflightKept = 24 * 1024

/** Bytes of a finding in a report that is longer. */
const findingKept = 96

/** The report as an enrolment keeps it: one that is too long keeps each verdict, and of its words the beginning of each finding. */
export const boundedPreflight = (checks: Check[]): Check[] =>
  Buffer.byteLength(JSON.stringify(checks)) <= preflightKept
    ? checks
    : checks.map(({ why: _, remedy: __, finding, ...check }) => ({ ...check, finding: cutAt(finding, findingKept) }))

/** Addresses of each kind that are kept of another machine. */
const addressesKept = 16

/** Facts of another machine as a conflict keeps them: it shows who it was. */
export const boundedFacts = (facts: Facts): Facts => ({
  ...facts,
  macs: facts.macs.slice(0, addressesKept),
  addresses: facts.addresses.slice(0, addressesKept)
})
