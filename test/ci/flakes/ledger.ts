/** A test file that failed in CI, and passed when it was played again. */
export interface Flake {
  /** Its path, from the root of the repository. */
  name: string
  /** What CI ran on. */
  commit: string
  date: string
  /** What both plays printed: the first what failed, the second all. */
  first: string
  again: string
}

/** Names in the ledger: flakes whose cause nobody has removed yet. A release wants none. `page`: the text of `test/flakes.md`. */
export const openFlakes = (page: string): string[] => {
  const [table = ''] = page.split('<details>')
  return [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name)
}

/** The line of a flake for the table of the ledger, and what goes below the table. */
export const ledgerEntry = ({ name, commit, date, first, again }: Flake): { line: string; details: string } => {
  const seed = /\bseeds?:? (-?\d+)/.exec(first)?.[1] ?? 'none'
  const fenced = (text: string): string[] => ['```text', text.trimEnd().slice(-longest), '```']
  return {
    line: `| \`${name}\` | ${commit} | ${date} | ${seed} |`,
    details: [
      `<details><summary>${name}</summary>`,
      ...['', 'It failed:', '', ...fenced(first)],
      ...['', 'It passed:', '', ...fenced(again), '', '</details>']
    ].join('\n')
  }
}

/** Characters of an output that the ledger keeps: its end. */
const longest = 8_000

/**
 * Why a commit must not take a name out of the ledger. Undefined if it may: its body names the test, and it changes the test, a helper or
 * the product. `changed`: paths of the files that it changes.
 */
export const refusesRemoval = (name: string, body: string, changed: readonly string[]): string | undefined => {
  if (!body.includes(name)) return `the body does not name ${name}`
  if (changed.some((file) => file === name || isCause.test(file))) return undefined
  return `nothing is changed that ${name} tests, or is tested with`
}

/** Sources of the product, and what is no test in the folders of tests. */
const isCause =
  /^packages\/[^/]+\/src\/|^packages\/[^/]+\/test\/.*(?<!\.test)\.ts$|^test\/.*(?<!\.(test|cluster|long|packages|compat))\.ts$/
