import { useEffect, useState } from 'preact/hooks'
import type { Holder, SeenEnrolment } from '../../contract.ts'
import { client, type Words, wordsOf } from '../state/session.ts'
import { Fingerprint } from './fingerprint.tsx'
import { SideBySide } from './keys.tsx'
import { Note, Trouble } from './note.tsx'
import { Section } from './section.tsx'
import { Age, Text } from './text.tsx'

interface ReplacingProps {
  target: SeenEnrolment
  holder: Holder | undefined
  /** Words of the last try, if it failed. After it, the holder of the name is read again. */
  failed: Words | undefined
  drains: boolean
  onHolder: (holder: Holder | undefined) => void
  onDrains: (drains: boolean) => void
}

/** A machine and what has its name, side by side, and what goes if the machine takes its place. */
export const Replacing = ({ target, holder, failed, drains, onHolder, onDrains }: ReplacingProps) => {
  const { id, revision } = target
  const [trouble, setTrouble] = useState<Words>()
  useEffect(() => {
    let over = false
    onHolder(undefined)
    client.holder(id).then(
      (found) => {
        if (!over) onHolder(found)
      },
      (error: unknown) => {
        if (!over) setTrouble(wordsOf(error))
      }
    )
    return () => {
      over = true
    }
  }, [id, revision, failed])
  if (trouble !== undefined) return <Trouble words={trouble} />
  if (holder === undefined) return <p class="muted">Reading what has the name…</p>
  return (
    <>
      <Both target={target} holder={holder} />
      <WhatGoes name={target.name} holder={holder} drains={drains} />
      {holder.onlyRoot !== undefined && (
        <Note tone="asks" title="A control plane leaves etcd first, which only root can see to.">
          <p>
            <code>
              <Text of={holder.onlyRoot} />
            </code>
          </p>
        </Note>
      )}
      {holder.node !== undefined && holder.onlyRoot === undefined && (
        <label class="tick">
          <input type="checkbox" checked={drains} onChange={({ currentTarget }) => onDrains(currentTarget.checked)} />
          <span>Evict its Pods first, with the data of their emptyDirs. It may take minutes.</span>
        </label>
      )}
    </>
  )
}

const Both = ({ target, holder: { former } }: { target: SeenEnrolment; holder: Holder }) => {
  if (former === undefined) {
    return (
      <Section title="Is this the key on the console of the new machine?">
        <Fingerprint of={target.key} />
        <p class="muted">No enrolment brought the Node that has the name: there is no key to compare it with.</p>
      </Section>
    )
  }
  return (
    <Section title="Does the console of the new machine show the first key?">
      <SideBySide
        brief
        of={[
          { ...target, title: 'The new machine', column: 'New', at: target.created },
          { ...former, title: 'Has the name now, and goes', column: 'Goes', at: former.created }
        ]}
      />
    </Section>
  )
}

const WhatGoes = ({ name, holder, drains }: { name: string; holder: Holder; drains: boolean }) => {
  const { node, pods, evicted, carried } = holder
  if (node === undefined) {
    const words = pods.length === 0 ? 'No Node has the name.' : 'Its Node is gone. Kubernetes takes its Pods away.'
    return <Note tone="calm" title={words} />
  }
  const { condition, message, created } = node
  return (
    <Note tone="bad" title={<Text of={`This deletes the Node ${name}, and its machine stays out.`} />}>
      <p>
        It is <Text of={message === '' ? condition : `${condition}, ${message}`} />, and <Age of={created} /> old.
        {condition !== 'Ready' && drains && ' A drain waits for its kubelet, which may never answer.'}
      </p>
      {carried !== undefined && (
        <p>
          The new Node gets: <Text of={carried} />
        </p>
      )}
      {evicted.length > 0 && (
        <>
          <p>{drains ? 'Pods that are evicted:' : 'Pods that are not evicted:'}</p>
          <ul>
            {evicted.map(({ namespace, name, controller }) => (
              <li key={`${namespace}/${name}`}>
                <Text of={`${namespace}/${name}`} />
                {controller === '' && ' has no controller: a drain refuses it, delete it yourself'}
              </li>
            ))}
          </ul>
        </>
      )}
    </Note>
  )
}
