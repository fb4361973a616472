/** A command of another tool, which means one of joinery's by the kind that follows it. */
interface Alias {
  /** The command if no kind follows. */
  usual: readonly string[]
  /** Commands by kind, in the singular. `one`: the command if a name follows the kind. */
  kinds: Readonly<Record<Kind, { all?: readonly string[]; one: readonly string[] }>>
}

const kinds = ['enrolment', 'code', 'node'] as const
type Kind = (typeof kinds)[number]

/** Commands that fingers know from kubectl. */
export const aliases: Readonly<Record<string, Alias>> = {
  get: {
    usual: ['list'],
    kinds: {
      enrolment: { all: ['list'], one: ['show'] },
      code: { all: ['code', 'list'], one: ['code', 'show'] },
      node: { all: ['nodes'], one: ['nodes', '--name'] }
    }
  },
  describe: {
    usual: ['show'],
    kinds: { enrolment: { one: ['show'] }, code: { one: ['code', 'show'] }, node: { one: ['show'] } }
  },
  // what kubectl deletes is gone, without a question: remove asks, and refuses a machine that has not joined
  delete: {
    usual: ['remove'],
    kinds: { enrolment: { one: ['remove'] }, code: { one: ['code', 'revoke'] }, node: { one: ['remove'] } }
  }
}

/** Kinds as a person types them behind an alias, for the completion of a shell. */
export const typedKinds = kinds.map((kind) => `${kind}s`)

const kindOf = (word: string): Kind | undefined => kinds.find((kind) => word === kind || word === `${kind}s`)

/**
 * The command line with an alias at `at` spelled out: `get nodes` is `nodes`, and `delete code/ID` is `code revoke ID`. Everything
 * else is left as it is.
 */
export const spelledOut = (words: readonly string[], at: number): readonly string[] => {
  const verb = words[at] ?? ''
  const alias = Object.hasOwn(aliases, verb) ? aliases[verb] : undefined
  if (alias === undefined) return words
  const [before, after] = [words.slice(0, at), words.slice(at + 1)]
  const [next = '', ...rest] = after
  const [typed = '', name] = next.split(/\/(.*)/s, 2)
  const kind = kindOf(typed)
  if (kind === undefined) return [...before, ...alias.usual, ...after]
  const { all, one } = alias.kinds[kind]
  if (name !== undefined) return [...before, ...one, name, ...rest]
  const isNamed = rest[0] !== undefined && !rest[0].startsWith('-')
  return [...before, ...(isNamed ? one : (all ?? one)), ...rest]
}

/** The lines of `joinery help aliases`. */
export const aliasRows = (): [typed: string, means: string][] =>
  Object.entries(aliases).flatMap(([verb, { usual, kinds: byKind }]) => [
    [verb, `joinery ${usual.join(' ')}`] as [string, string],
    ...Object.entries(byKind).flatMap(([kind, { all, one }]) => [
      ...(all === undefined ? [] : [[`${verb} ${kind}s`, `joinery ${all.join(' ')}`] as [string, string]]),
      [`${verb} ${kind} NAME`, `joinery ${one.join(' ')} NAME`] as [string, string]
    ])
  ])
