/** The names in a ledger of flakes: test files whose cause nobody has removed yet. `text`: that of `test/flakes.md`. */
export const openFlakes = (text: string): string[] =>
  [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name)

/** The line of a flake for the table of the ledger. */
export const ledgerLine = (flake: { name: string; commit: string; date: string; seed: number }): string =>
  `| \`${flake.name}\` | ${flake.commit} | ${flake.date} | ${flake.seed} |`

/** Files whose failure is no chance: what is lost in a fault is seldom lost twice, and an attacker needs to succeed only once. */
const ofPromises =
  /(^|[/-])(faults?|killed|cuts?|durable|histor(y|ies)|mutants|attacks?|hostile|forged|bent|lies|twin|guards?|bans?|secrets?|contracts?|polic(y|ies)|privilege|rights|servers)([/.-]|$)/

/** Words in the name of a failure that say: a promise was broken. */
const broken = /\b(lost|los(e|es|ing)|doubled?|twice|duplicates?|stale|grant(s|ed)?|acknowledged)\b/i

/** Why a failed file must not be played again. Undefined if it may. `failures`: the names of what failed in it. */
export const neverAgain = (files: readonly string[], failures: readonly string[]): string | undefined => {
  const file = files.find((one) => ofPromises.test(one))
  if (file !== undefined) return `${file} is about a promise, and no failure of it is chance`
  const failure = failures.find((name) => broken.test(name))
  return failure && `a promise was broken: ${failure}`
}
