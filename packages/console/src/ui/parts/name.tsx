import { escapeText } from '@joinery/protocol/browser'

/** Characters at the end of a name that are always shown. The style sheet has the same number. */
const tail = 12

/**
 * Draws a name that somebody else chose, such as a machine's. If there is no room for all of it, its middle goes: names of one rack
 * differ at their end. The title has all of it.
 */
export const Name = ({ of }: { of: string }) => {
  const name = escapeText(of)
  return (
    <span class="name" title={name}>
      {name.length > tail && <span class="name-head">{name.slice(0, -tail)}</span>}
      {name.slice(-tail)}
    </span>
  )
}
