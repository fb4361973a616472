import type { ComponentChildren } from 'preact'
import type { SeenEnrolmentDetail } from '../../contract.ts'
import { Scroll } from './groups.tsx'
import { Section } from './section.tsx'
import { Moment, Pairs, Text } from './text.tsx'

/** The attempts of a machine to join, the last one first. Nothing if it has not begun, or the door does not tell. */
export const Attempts = ({ of: { attempts = [] } }: { of: SeenEnrolmentDetail }) =>
  attempts.length === 0 ? null : (
    <Section title="Attempts">
      {[...attempts].reverse().map((attempt) => {
        const { number, claimed, stage, failure, failedBy, tokenId, csr, certificateSerial, credentialSerial } = attempt
        const rows: [string, ComponentChildren][] = [
          ['Claimed', <Moment of={claimed} />],
          ...told('Last stage', stage),
          ...told('Token id', tokenId),
          ...told('CSR', csr),
          ...told('Credential', credentialSerial),
          ...told('Certificate', certificateSerial)
        ]
        return (
          <div class="attempt" key={number}>
            <h4>
              Attempt {number}
              {failure !== undefined && <span class="tag bad">failed</span>}
            </h4>
            {failure !== undefined && (
              <Scroll class={failedBy === 'server' ? 'output' : 'output quoted'} label={`Failure of attempt ${number}`}>
                <pre>
                  {failure.split('\n').map((line, place) => (
                    <span key={place}>
                      <Text of={line} />
                      {'\n'}
                    </span>
                  ))}
                </pre>
              </Scroll>
            )}
            <Pairs rows={rows} />
          </div>
        )
      })}
    </Section>
  )

const told = (label: string, value: string | undefined): [string, ComponentChildren][] =>
  value === undefined
    ? []
    : [
        [
          label,
          <code>
            <Text of={value} />
          </code>
        ]
      ]
