import type { Bed } from '../bed/bed.ts'
import { waitFor } from '../bed/wait-for.ts'
import { kubectlAs } from '../door-desk.ts'
import { namespace } from '../log-site.ts'

/** One operation of a JSON Patch. */
export interface Edit {
  op: 'replace'
  path: string
  value: unknown
}

/** An administrator's hands on the objects of the log. */
export interface Hands {
  /** Runs kubectl in the namespace of the log, and gives its output. Rejects if the API server refuses. */
  must(words: readonly string[], input?: object | string): Promise<string>
  /** The words in which the API server refuses. Empty if it does what is asked. */
  refusal(words: readonly string[], input?: object | string): Promise<string>
  read<T>(object: string): Promise<T>
  /** Edits an object as kubectl does. Gives the words of the refusal. */
  edit(object: string, ...edits: Edit[]): Promise<string>
  /** Takes an admission policy out of force, and waits until the API server knows. `object` is one that the policy guards. */
  takeAway(policy: string, object: string): Promise<void>
  /** Waits until the policies refuse the edit of this object again. */
  untilGuarded(object: string): Promise<void>
}

/** An edit that is only tried: the name of a holder, which the schema allows. */
const triedOn = (object: string): Edit => ({
  op: 'replace',
  path: object.startsWith('lease/') ? '/spec/holderIdentity' : '/spec/holder',
  value: 'nobody'
})

export const handsOf = (bed: Bed): Hands => {
  const as = kubectlAs(bed)
  const inNamespace = (words: readonly string[]): string[] => ['-n', namespace, ...words]
  const must: Hands['must'] = (words, input) => as.must('', inNamespace(words), input)
  const refusal: Hands['refusal'] = (words, input) => as.refusal('', inNamespace(words), input)
  const patch = (object: string, edits: readonly Edit[], ...flags: string[]): Promise<string> =>
    refusal(['patch', object, '--type=json', '-p', JSON.stringify(edits), ...flags])
  const tried = (object: string) => patch(object, [triedOn(object)], '--dry-run=server')
  const isGuarded = (said: string): boolean => /pairing server alone/.test(said)
  return {
    must,
    refusal,
    read: async (object) => JSON.parse(await must(['get', object, '-o', 'json'])),
    edit: (object, ...edits) => patch(object, edits),
    takeAway: async (policy, object) => {
      await must(['delete', 'validatingadmissionpolicybinding', policy])
      await waitFor(
        `${policy} to be away`,
        () => tried(object),
        (said) => !isGuarded(said),
        60_000
      )
    },
    untilGuarded: async (object) => {
      await waitFor(`${object} to be guarded`, () => tried(object), isGuarded, 60_000)
    }
  }
}
