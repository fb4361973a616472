import type { FailedFile } from '../log/failed-files.ts'

/** What stands in a path, and why such a file is never played again. */
const paths: readonly (readonly [RegExp, string])[] = [
  [/(^|[/-])(faults?|killed|cuts?|durable)([/.-]|$)/, 'what is lost in a fault is seldom lost twice'],
  [/(^|[/-])(histor(y|ies)|mutants)([/.-]|$)/, 'a history that breaks a rule once has broken it'],
  [
    /(^|[/-])(attacks?|hostile|forged|bent|lies|twin|guards?|bans?|secrets?)([/.-]|$)/,
    'an attacker needs to succeed only once'
  ],
  [
    /(^|[/-])(contracts?|polic(y|ies)|privilege|rights)([/.-]|$)/,
    'a rule that holds only most of the time does not hold'
  ],
  [
    /^test\/cluster\/(door|log|restored)\./,
    'what the API server refuses, and what a restore takes back, has no chance in it'
  ]
]

/** What a file loads if its input is drawn, or if it has a judge of histories: how the path begins, or a package. */
const drawn: readonly (readonly [string, string])[] = [
  ['fast-check', 'its input is drawn, and a second draw is another one'],
  ['test/faults/', 'the judge of faults has spoken'],
  ['packages/server/test/histories/', 'the judge of histories has spoken']
]

/** Words in the name of a test or an assertion that say: a promise was broken. */
const broken = /\b(lost|los(e|es|ing)|doubled?|twice|duplicates?|stale|grant(s|ed)?|acknowledged)\b/i

/**
 * Why a file must not be played again, however it failed. Undefined if it may. What happens once in a hundred plays is the fault that these
 * files look for. `loads`: the tests' own files, and packages, that a file loads.
 */
export const neverAgain = (
  { suspects, failures }: Pick<FailedFile, 'suspects' | 'failures'>,
  loads: (file: string) => readonly string[]
): string | undefined => {
  for (const file of suspects) {
    const byPath = paths.find(([path]) => path.test(file))
    const loaded = byPath === undefined ? loads(file) : []
    const byLoad = drawn.find(([what]) => loaded.some((one) => one.startsWith(what)))
    const [, why] = byPath ?? byLoad ?? []
    if (why !== undefined) return `${file}: ${why}`
  }
  const failure = failures.find((name) => broken.test(name))
  return failure === undefined ? undefined : `an acknowledged promise was broken: ${failure}`
}
