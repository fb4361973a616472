import { isFrozen } from '@joinery/protocol/browser'
import type { SeenEnrolmentDetail } from '../../contract.ts'
import { sideBySide } from '../model/facts.ts'
import { Fingerprint } from './fingerprint.tsx'
import { Scroll } from './groups.tsx'
import { Note } from './note.tsx'
import { Section } from './section.tsx'
import { Claimed, Moment, None, Text } from './text.tsx'

/** The keys that used one code, side by side, with what differs. Nothing if only one key used it. */
export const Keys = ({ of }: { of: SeenEnrolmentDetail }) => {
  const { key, address, created, keySeen, facts, conflicts = [], conflictCount } = of
  if (conflicts.length === 0 && conflictCount === undefined) return null
  const all = [{ key, address, at: keySeen ?? created, facts }, ...conflicts]
  return (
    <Section title="Keys that used the code">
      {isFrozen(of) && (
        <Note tone="bad" title="Two keys presented one code. Nothing goes on until you say which one is right.">
          <p>Go to the console of the machine that you expect, and compare. Then release it, or reject both.</p>
        </Note>
      )}
      {conflicts.length === 0 && (
        <p class="muted">
          {conflictCount} more. This door shows only their number: <code>joinery show</code> on the host of the pairing
          server has them.
        </p>
      )}
      <SideBySide
        of={all.map((claim, place) => ({
          ...claim,
          title: place === 0 ? 'First with the code' : all.length === 2 ? 'The other one' : `Other ${place}`,
          column: place === 0 ? 'First' : all.length === 2 ? 'Other' : `Other ${place}`
        }))}
      />
    </Section>
  )
}

/** A machine with its key, as one of several. */
export interface Claimant {
  title: string
  /** Title of its column in the table of what the machines claim. */
  column: string
  key: string
  address: string
  at: string
  facts: SeenEnrolmentDetail['facts']
}

/** Keys side by side, and what their machines claim, with what differs. `brief`: only what differs. */
export const SideBySide = ({ of: all, brief = false }: { of: readonly Claimant[]; brief?: boolean }) => (
  <>
    <div class="keys">
      {all.map(({ title, key, address, at }) => (
        <div class="card" key={title}>
          <h4>{title}</h4>
          <Fingerprint of={key} small />
          <p class="muted">
            seen at{' '}
            <code>
              <Text of={address} />
            </code>
            , <Moment of={at} />
          </p>
        </div>
      ))}
    </div>
    {all.length > 1 && (
      <Claimed by="each machine">
        <Scroll class="sideways" label="Claims side by side">
          <table class="rows small">
            <thead>
              <tr>
                <th scope="col">Fact</th>
                {all.map(({ column }) => (
                  <th scope="col" key={column}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sideBySide(all.map(({ facts }) => facts))
                .filter(({ differs }) => differs || !brief)
                .map(({ label, values, differs }) => (
                  <tr key={label} class={differs ? 'differs' : ''}>
                    <th scope="row">
                      {label}
                      {differs && <span class="tag asks">differs</span>}
                    </th>
                    {values.map((value, place) => (
                      <td key={place}>{value === '' ? <None /> : <Text of={value} />}</td>
                    ))}
                  </tr>
                ))}
            </tbody>
          </table>
        </Scroll>
      </Claimed>
    )}
  </>
)
