import type { SeenEnrolment } from '../../contract.ts'
import { factTexts } from '../model/facts.ts'
import { Mark } from './sign.tsx'
import { Claimed, Pairs, Text } from './text.tsx'

/** What a machine says of itself. */
export const Facts = ({ facts }: Pick<SeenEnrolment, 'facts'>) => {
  const rows = factTexts(facts).filter(([label]) => label !== 'Addresses')
  return (
    <Claimed>
      <Pairs
        rows={rows.map(([label, value]) => [
          label,
          <span class="fact" key={label}>
            <Text of={value} />
          </span>
        ])}
      />
    </Claimed>
  )
}

/** The address at which the server sees a machine, beside those that the machine claims. */
export const Addresses = ({ of: { address, facts } }: { of: SeenEnrolment }) => {
  const claimed = facts.addresses
  const fits = claimed === undefined || claimed.includes(address)
  return (
    <>
      <Pairs
        rows={[
          [
            'Seen by the server',
            <span class="with-copy" key="seen">
              <code>
                <Text of={address || 'none'} />
              </code>
              {fits || (
                <span class="sign tone-asks">
                  <Mark look={{ tone: 'asks', shape: 'hand' }} />
                  not one that it claims: behind NAT?
                </span>
              )}
            </span>
          ]
        ]}
      />
      {claimed !== undefined && (
        <Claimed>
          <Pairs
            rows={[
              [
                'Addresses',
                <span key="claimed" class="list">
                  {claimed.map((one) => (
                    <code key={one} class={one === address ? 'same' : ''}>
                      <Text of={one} />
                    </code>
                  ))}
                </span>
              ]
            ]}
          />
        </Claimed>
      )}
    </>
  )
}
