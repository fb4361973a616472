import { wrongFacts } from './facts.ts'
import { strangeChecks } from './kubeadm-checks.ts'
import { present } from './pins.ts'
import type { Sources } from './sources.ts'
import { goneTexts } from './texts.ts'

/** Everything in which the sources of the minors differ from what Joinery takes them for, a line each. */
export const differences = (all: readonly Sources[]): string[] => {
  const now = all.find(({ minor }) => minor === present)
  if (now === undefined) throw new Error(`no sources of 1.${present}`)
  return [...all.flatMap(wrongFacts), ...strangeChecks(all), ...all.flatMap((other) => goneTexts(now, other))]
}

/** Versions that are newer than the pinned one of their minor, or of a minor that is not pinned, a line each. `listed`: by the proxy. */
export const newVersions = (
  listed: readonly string[],
  pinned: readonly { minor: number; version: string }[]
): string[] =>
  listed.flatMap((version) => {
    const found = numbersOf(version)
    if (found === undefined) return []
    const pin = pinned.find(({ minor }) => minor === found.minor)
    const newest = Math.max(...pinned.map(({ minor }) => minor))
    if (pin === undefined)
      return found.minor > newest ? [`${version} is of a new minor: pin it in test/cluster/go`] : []
    const known = numbersOf(pin.version)
    return known !== undefined && compare(found, known) > 0
      ? [`${version} is newer than the pinned ${pin.version}`]
      : []
  })

interface Numbers {
  minor: number
  patch: number
  /** Empty for a release, which comes after its betas. */
  before: string
}

const numbersOf = (version: string): Numbers | undefined => {
  const [, minor, patch, before = ''] = /^v1\.(\d+)\.(\d+)(?:-(.+))?$/.exec(version) ?? []
  return minor === undefined ? undefined : { minor: Number(minor), patch: Number(patch), before }
}

const compare = (one: Numbers, other: Numbers): number => {
  if (one.patch !== other.patch) return one.patch - other.patch
  if (one.before === other.before) return 0
  if (one.before === '' || other.before === '') return one.before === '' ? 1 : -1
  return one.before.localeCompare(other.before, 'en', { numeric: true })
}
