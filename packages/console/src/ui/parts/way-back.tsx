import { isRecovering } from '@joinery/protocol/browser'
import type { ComponentChildren } from 'preact'
import type { SeenEnrolmentDetail } from '../../contract.ts'
import { Facts } from './facts.tsx'
import { Section } from './section.tsx'
import { Claimed, Moment, Pairs, Text } from './text.tsx'

type Row = [string, ComponentChildren]

/** The way back of a machine that lost its certificate: what the server knows, and what the machine says. */
export const WayBack = ({ of }: { of: SeenEnrolmentDetail }) => {
  const { recovery } = of
  if (recovery === undefined || (recovery.state === 'over' && !isRecovering(of))) return null
  const { state, since, why, asked, other, lastSeen, notReadySince, addressBefore, changed } = recovery
  const at = (label: string, time: string | undefined): Row[] => (time ? [[label, <Moment of={time} />]] : [])
  const text = (label: string, value: string | undefined): Row[] => (value ? [[label, <Text of={value} />]] : [])
  const rows: Row[] = [
    ...text('State', state),
    ...at('Since', since),
    ...text('Why', why),
    ...at('Not Ready since', notReadySince),
    ...at('Certificate until', lastSeen?.notAfter),
    ...text('Address now', asked?.address),
    ...text('Address before', addressBefore),
    ...text('Differs', changed.length === 0 ? 'nothing' : changed.join(', '))
  ]
  return (
    <Section title="Way back" hint="It was in the cluster, lost its kubelet's certificate, and asks for another one.">
      <Pairs rows={rows} />
      {asked !== undefined && (
        <Claimed>
          <Pairs
            rows={[
              ...text('Certificate', asked.reason),
              ...at('Ended', asked.notAfter),
              ...text('Serial', asked.serial),
              ...at('Asked', asked.at)
            ]}
          />
        </Claimed>
      )}
      {other !== undefined && (
        <>
          <h4>The other one with the same key</h4>
          <Pairs rows={[...text('Address', other.address), ...at('Asked', other.at)]} />
          {other.facts && <Facts facts={other.facts} />}
        </>
      )}
    </Section>
  )
}
