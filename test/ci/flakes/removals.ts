import { askGit } from '../git.ts'
import { type Flake, openFlakes, refusesRemoval } from './ledger.ts'

const page = 'test/flakes.md'

/** The names that commits took out of the ledger against its rule, with the commits. `root`: a clone with its history. */
export const wrongRemovals = (root: string): string[] => {
  const namesAt = (commit: string): string[] => {
    const [file] = askGit(root, 'ls-tree', '--name-only', commit, page).split('\n')
    return file === page ? openFlakes(askGit(root, 'show', `${commit}:${page}`)) : []
  }
  const commits = askGit(root, 'log', '--full-history', '--format=%H %P', '--', page)
  return commits
    .matchAll(/^(\S+) ?(.*)$/gm)
    .toArray()
    .flatMap(([, commit = '', parents = '']) => {
      // what one side of a merge has taken out was judged there
      const [before = [], ...others] = parents.split(' ').filter(Boolean).map(namesAt)
      const kept = namesAt(commit)
      const gone = before.filter((name) => !kept.includes(name) && others.every((names) => names.includes(name)))
      if (gone.length === 0) return []
      const body = askGit(root, 'log', '-1', '--format=%b', commit)
      const changed = askGit(root, 'diff', '--name-only', `${commit}^`, commit).split('\n')
      return gone.flatMap((name) => {
        const why = refusesRemoval(name, body, changed)
        return why === undefined ? [] : [`${commit.slice(0, 8)}: ${why}`]
      })
    })
}

/** True if the ledger got the name of a flake after its commit, and has lost it since. False where the history does not reach so far. */
export const isWorkedOff = (root: string, { name, commit }: Pick<Flake, 'name' | 'commit'>): boolean => {
  try {
    const changes = askGit(root, 'log', '--format=', '--patch', `${commit}..HEAD`, '--', page)
    return openFlakes([...changes.matchAll(/^-(\| .*)/gm)].map(([, line]) => line).join('\n')).includes(name)
  } catch {
    return false
  }
}
