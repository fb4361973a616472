import type { SeenEnrolmentDetail } from '../../contract.ts'
import { sideBySide } from '../model/facts.ts'
import { Fingerprint } from './fingerprint.tsx'
import { Scroll } from './groups.tsx'
import { Note } from './note.tsx'
import { Section } from './section.tsx'
import { Claimed, Moment, Text } from './text.tsx'

/** The keys that used one code, side by side, with what differs. Nothing if only one key used it. */
export const Keys = ({ of }: { of: SeenEnrolmentDetail }) => {
  const { key, address, created, keySeen, facts, conflicts = [], conflictCount, state } = of
  if (conflicts.length === 0 && conflictCount === undefined) return null
  const all = [{ key, address, at: keySeen ?? created, facts }, ...conflicts]
  const rows = sideBySide(all.map(({ facts }) => facts))
  return (
    <Section title="Keys that used the code">
      {state === 'frozen' && (
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
      <div class="keys">
        {all.map((claim, place) => (
          <div class="card" key={place}>
            <h4>{place === 0 ? 'First with the code' : all.length === 2 ? 'The other one' : `Other ${place}`}</h4>
            <Fingerprint of={claim.key} small />
            <p class="muted">
              seen at{' '}
              <code>
                <Text of={claim.address} />
              </code>
              , <Moment of={claim.at} />
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
                  {all.map((_, place) => (
                    <th scope="col" key={place}>
                      {place === 0 ? 'First' : all.length === 2 ? 'Other' : `Other ${place}`}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map(({ label, values, differs }) => (
                  <tr key={label} class={differs ? 'differs' : ''}>
                    <th scope="row">
                      {label}
                      {differs && <span class="tag asks">differs</span>}
                    </th>
                    {values.map((value, place) => (
                      <td key={place}>
                        <Text of={value || '–'} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </Claimed>
      )}
    </Section>
  )
}
