import { shellWord } from '@joinery/host/text/shell-word'
import type { Manifest } from '../apply.ts'
import type { ObjectReference } from './sight.ts'

/** What `joinery cluster harden` may do: delete an object as it was seen, or make one of Joinery's what it should be. */
export type Change = Effect & ({ verb: 'delete'; object: ObjectReference } | { verb: 'enforce'; manifest: Manifest })

interface Effect {
  /** In a sentence: what no longer works once it is done. */
  breaks: string
}

/** The change as a person would make it: a line for a shell. */
export const commandOf = (change: Change): string =>
  change.verb === 'delete' ? deletion(change.object) : 'joinery cluster harden'

export const deletion = ({ kind, namespace, name }: Pick<ObjectReference, 'kind' | 'namespace' | 'name'>): string => {
  const where = namespace === '' ? '' : `--namespace ${shellWord(namespace)} `
  return `kubectl ${where}delete ${kind.toLowerCase()} ${shellWord(name)}`
}
