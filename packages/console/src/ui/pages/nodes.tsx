import { escapeText } from '@joinery/protocol/browser'
import { useState } from 'preact/hooks'
import type { SeenNode } from '../../contract.ts'
import { traceLook } from '../model/looks.ts'
import { Scroll } from '../parts/groups.tsx'
import { KeyName } from '../parts/key-name.tsx'
import { Name } from '../parts/name.tsx'
import { Empty, Trouble } from '../parts/note.tsx'
import { ConditionSign, Sign } from '../parts/sign.tsx'
import { Age, Day, None, Text } from '../parts/text.tsx'
import { useAnswer } from '../state/answer.ts'
import { linkTo } from '../state/place.ts'
import { client } from '../state/session.ts'
import { PageHead } from './page-head.tsx'

const isAlarming = ({ trace, before, wrong }: SeenNode): boolean =>
  wrong !== undefined || traceLook(trace, before).look.tone === 'bad'

/** The Nodes of the cluster, each with the enrolment that it traces to. What nobody let in comes first. */
export const Nodes = () => {
  const answer = useAnswer('nodes', () => client.nodes())
  const [text, setText] = useState('')
  const trouble = answer.trouble.value
  const all = answer.value.value?.items
  const fits = ({ name }: SeenNode) => name.includes(text.trim().toLowerCase())
  const shown = [...(all ?? [])].filter(fits).sort((one, other) => Number(isAlarming(other)) - Number(isAlarming(one)))
  const alarming = (all ?? []).filter(isAlarming).length
  return (
    <div class="page">
      <PageHead
        title="Nodes"
        hint={
          all === undefined
            ? 'Every Node of the cluster, and where it comes from.'
            : alarming === 0
              ? `${all.length} Nodes. Each is accounted for.`
              : `${all.length} Nodes. ${alarming} of them need a look.`
        }
      />
      <search class="filters">
        <label class="search">
          <span class="hidden">Search Nodes</span>
          <input
            id="search"
            type="search"
            placeholder="Name"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          <KeyName of="/" />
        </label>
      </search>
      {trouble !== undefined && <Trouble words={trouble} />}
      {all !== undefined && shown.length === 0 && (
        <Empty title={all.length === 0 ? 'The cluster has no Node' : 'No Node fits'} />
      )}
      {shown.length > 0 && (
        <Scroll class="table-view" label="Nodes">
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Condition</th>
                <th scope="col">Comes from</th>
                <th scope="col">Roles</th>
                <th scope="col">Certificate</th>
                <th scope="col">Age</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((node) => (
                <NodeRow key={node.uid} node={node} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </div>
  )
}

const NodeRow = ({ node }: { node: SeenNode }) => {
  const { name, condition, trace, before, enrolment, roles, wrong, warning, cause, created, certificateExpires } = node
  const { look, text } = traceLook(trace, before)
  return (
    <tr class={isAlarming(node) ? 'alarming tall' : 'tall'}>
      <th scope="row" class="column-name">
        {enrolment === undefined ? (
          <Name of={name} />
        ) : (
          <a href={linkTo('machines', { open: enrolment.id })} aria-label={escapeText(name)}>
            <Name of={name} />
          </a>
        )}
      </th>
      <td>
        <ConditionSign condition={condition} />
        {cause && (
          <span class="under muted">
            <Text of={cause.text} />
          </span>
        )}
      </td>
      <td>
        <Sign look={look}>{text}</Sign>
        {enrolment !== undefined && trace !== 'enrolled' && <span class="muted"> enrolment {enrolment.state}</span>}
        {wrong && (
          <span class="under tone-bad">
            <Text of={wrong} />
          </span>
        )}
      </td>
      <td>{roles.length === 0 ? <None /> : <Text of={roles.join(', ')} />}</td>
      <td>
        {certificateExpires === undefined ? (
          <span class="muted">not seen</span>
        ) : (
          <span>
            until <Day of={certificateExpires} />
          </span>
        )}
        {warning && (
          <span class="under tone-asks">
            <Text of={warning} />
          </span>
        )}
      </td>
      <td>
        <Age of={created} />
      </td>
    </tr>
  )
}
