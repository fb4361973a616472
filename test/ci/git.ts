import { execFileSync } from 'node:child_process'

/** What Git says about a repository. Throws if it has no answer. */
export const askGit = (root: string, ...words: readonly string[]): string =>
  execFileSync('git', ['-C', root, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

/** The commit of a work tree, with a word if it has changes besides those of `test/runs.md`. */
export const commitOf = (root: string): string => {
  try {
    const commit = askGit(root, 'rev-parse', '--short=8', 'HEAD').trim()
    return askGit(root, 'status', '--porcelain', '--', '.', ':!test/runs.md') === '' ? commit : `${commit} and changes`
  } catch {
    return 'unknown'
  }
}
