import { shellWord } from '@joinery/host/text/shell-word'
import type { Manifest } from '../apply.ts'
import type { ObjectReference } from './sight.ts'

/**
 * Change that `joinery cluster harden` may make: delete an object in the state that was shown, or make an object of
 * Joinery what it should be.
 */
export type Change = Effect & ({ verb: 'delete'; object: ObjectReference } | { verb: 'enforce'; manifest: Manifest })

interface Effect {
  /** Sentence that says what no longer works after the change. */
  breaks: string
}

/** Shell line by which a person would make the change. */
export const commandOf = (change: Change): string =>
  change.verb === 'delete' ? deletion(change.object) : 'joinery cluster harden'

export const deletion = ({ kind, namespace, name }: Pick<ObjectReference, 'kind' | 'namespace' | 'name'>): string => {
  const where = namespace === '' ? '' : `--namespace ${shellWord(namespace)} `
  return `kubectl ${where}delete ${kind.toLowerCase()} ${shellWord(name)}`
}
