import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import type { SeenEnrolment, SeenEnrolmentDetail } from '../../contract.ts'
import { differences, isOutdated } from '../model/changed.ts'
import { shortKey } from '../model/key-groups.ts'
import { shownOf } from '../model/selection.ts'
import { effectOfReject, type RowVerb } from '../model/verbs.ts'
import { listen } from '../state/link.ts'
import { choose, place } from '../state/place.ts'
import { client, problemOf, type Words, wordsOf } from '../state/session.ts'
import { tell } from '../state/tidings.ts'
import { Button } from './button.tsx'
import { Differences } from './differences.tsx'
import { Dialog } from './dialog.tsx'
import { Fingerprint } from './fingerprint.tsx'
import { ChecksSign, RoleTag } from './machine-table.tsx'
import { Note, Trouble } from './note.tsx'
import { EtcdWords } from './etcd.tsx'
import { Text } from './text.tsx'

/** A question that the page asks before it does something. `targets` are the machines as they were on the screen. */
export interface Asked {
  verb: RowVerb
  targets: readonly (SeenEnrolment | SeenEnrolmentDetail)[]
}

export const asked = signal<Asked | undefined>(undefined)

const words: Record<RowVerb, { act: string; done: string; danger?: true }> = {
  approve: { act: 'Approve', done: 'approved' },
  retry: { act: 'Retry', done: 'retried' },
  release: { act: 'Release', done: 'released' },
  reject: { act: 'Reject', done: 'rejected', danger: true },
  remove: { act: 'Remove', done: 'removed', danger: true }
}

/** Calls that are under way at once: enough for a wave, and no burst for the server. */
const atOnce = 4

export const ActDialog = () => {
  const question = asked.value
  return question === undefined ? null : <Question key={question.verb} {...question} />
}

const close = (): void => {
  asked.value = undefined
}

const Question = ({ verb, targets }: Asked) => {
  const [seen, setSeen] = useState(targets)
  const [now, setNow] = useState<ReadonlyMap<string, SeenEnrolment>>(new Map())
  const [failed, setFailed] = useState<ReadonlyMap<string, Words>>(new Map())
  const [done, setDone] = useState<ReadonlySet<string>>(new Set())
  const [busy, setBusy] = useState(false)
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const [keep, setKeep] = useState<string>()
  const [controlPlanes, setControlPlanes] = useState(false)

  useEffect(
    () =>
      listen({
        changed: ({ rows }) => {
          const about = rows.filter(({ id }) => targets.some((target) => target.id === id))
          if (about.length > 0) setNow((before) => new Map([...before, ...about.map((row) => [row.id, row] as const)]))
        }
      }),
    [targets]
  )

  const left = seen.filter(({ id }) => !done.has(id))
  const changed = left.filter((target) => {
    const fresh = now.get(target.id)
    return fresh !== undefined && isOutdated(target, fresh)
  })
  const letsIn = verb === 'approve' || verb === 'retry'
  const isHeld = ({ role }: SeenEnrolment) => letsIn && role === 'control-plane' && !controlPlanes
  const ready = left.filter((target) => !changed.includes(target) && !isHeld(target))
  const [first] = seen
  const one = seen.length === 1 ? first : undefined
  const effect = verb === 'reject' && one !== undefined ? effectOfReject(one) : undefined
  const mustType = one !== undefined && (verb === 'remove' || (effect !== undefined && one.state !== 'recovering'))

  const blocked = ((): string | undefined => {
    if (busy) return 'it is under way'
    if (ready.length === 0) {
      if (changed.length > 0) return 'look at what has changed first'
      return left.length === 0 ? 'all is done' : 'confirm the control plane first'
    }
    if (verb === 'reject' && reason.trim() === '') return 'give a reason'
    if (verb === 'release' && keep === undefined) return 'choose the key that is right'
    if (mustType && typed !== one?.name) return `type ${one?.name}`
    return undefined
  })()

  const act = async (target: SeenEnrolment): Promise<void> => {
    const shown = shownOf(target)
    if (verb === 'approve') await client.approve(shown)
    else if (verb === 'retry') await client.retry(shown)
    else if (verb === 'reject') await client.reject({ ...shown, reason: reason.trim() })
    else if (verb === 'remove') await client.remove(shown)
    else if (keep !== undefined) await client.release({ ...shown, keep })
  }

  const run = async (): Promise<void> => {
    if (blocked !== undefined) return
    setBusy(true)
    setFailed(new Map())
    const queue = [...ready]
    const went: string[] = []
    const wrong = new Map<string, Words>()
    const worker = async (): Promise<void> => {
      for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
        const { id } = target
        try {
          await act(target)
          went.push(id)
          setDone((before) => new Set([...before, id]))
        } catch (error) {
          wrong.set(id, wordsOf(error))
          const fresh = problemOf(error)?.now
          if (fresh !== undefined) setNow((before) => new Map([...before, [id, fresh]]))
        }
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    setBusy(false)
    setFailed(wrong)
    if (went.length > 0) {
      const name = seen.find(({ id }) => id === went[0])?.name
      const title = went.length === 1 ? `${name} is ${words[verb].done}` : `${went.length} machines are ${words[verb].done}`
      tell('good', { title })
      const { chosen } = place.peek()
      if (chosen.length > 0) choose(chosen.filter((id) => !went.includes(id)))
    }
    if (wrong.size === 0 && went.length === left.length) close()
  }

  const title = one === undefined ? `${words[verb].act} ${seen.length} machines` : `${words[verb].act} ${one.name}`
  const count = ready.length === 1 && one !== undefined ? '' : ` ${ready.length}`
  return (
    <Dialog
      title={title}
      wide={one === undefined || verb === 'release'}
      onClose={close}
      onSubmit={() => void run()}
      buttons={
        <>
          <Button type="submit" kind={words[verb].danger ? 'danger' : 'primary'} why={blocked}>
            {busy ? 'Working…' : `${words[verb].act}${count}`}
          </Button>
          <Button onClick={close}>{done.size > 0 && left.length > 0 ? 'Leave the rest' : 'Cancel'}</Button>
        </>
      }
    >
      {one !== undefined && changed.length === 0 && !failed.has(one.id) && <OneTarget verb={verb} target={one} />}
      {one === undefined && <Targets {...{ targets: seen, done, failed, changed, isHeld }} />}
      {changed.map((target) => {
        const fresh = now.get(target.id)
        return (
          fresh && (
            <Note
              key={target.id}
              tone="asks"
              role="alert"
              title={<><Text of={target.name} /> changed while you looked</>}
            >
              <Differences all={differences(target, fresh)} />
              <Button
                small
                onClick={() => {
                  setSeen((before) => before.map((other) => (other.id === target.id ? { ...target, ...fresh } : other)))
                  setFailed(new Map())
                }}
              >
                I have looked at it
              </Button>
            </Note>
          )
        )
      })}
      {one !== undefined && failed.has(one.id) && changed.length === 0 && (
        <Trouble words={failed.get(one.id) as Words} />
      )}
      {letsIn && left.some(({ role }) => role === 'control-plane') && (
        <ControlPlaneConsent targets={left} agreed={controlPlanes} onAgree={setControlPlanes} />
      )}
      {verb === 'release' && one !== undefined && <KeyChoice target={one} keep={keep} onKeep={setKeep} />}
      {verb === 'reject' && <Reason reason={reason} onReason={setReason} />}
      {effect !== undefined && <Note tone="bad" title={effect} />}
      {verb === 'remove' && (
        <Note tone="bad" title="This deletes its Node and bans its name. It evicts no Pods.">
          <p>
            To evict them first, use the command: <code>joinery remove {one?.name}</code>
          </p>
        </Note>
      )}
      {mustType && (
        <label class="field">
          <span>
            Type <code>{one?.name}</code> to go on
          </span>
          <input type="text" value={typed} autocomplete="off" onInput={({ currentTarget }) => setTyped(currentTarget.value)} />
        </label>
      )}
    </Dialog>
  )
}

const OneTarget = ({ verb, target }: { verb: RowVerb; target: SeenEnrolment | SeenEnrolmentDetail }) => {
  const { key, address, role } = target
  if (verb !== 'approve' && verb !== 'retry') return null
  return (
    <>
      <p class="question">
        Is this the key on the console of the machine?
      </p>
      <Fingerprint of={key} />
      <p class="summary-line">
        <span>{role}</span>
        <span>
          seen at <code>{address || 'no address'}</code>
        </span>
        <ChecksSign {...target} />
      </p>
      {target.nameConflict && (
        <Note tone="bad" title="The name is in use">
          <p><Text of={target.nameConflict} /></p>
        </Note>
      )}
    </>
  )
}

interface TargetsProps {
  targets: readonly SeenEnrolment[]
  done: ReadonlySet<string>
  failed: ReadonlyMap<string, Words>
  changed: readonly SeenEnrolment[]
  isHeld: (target: SeenEnrolment) => boolean
}

const Targets = ({ targets, done, failed, changed, isHeld }: TargetsProps) => {
  const fate = (target: SeenEnrolment): string => {
    if (done.has(target.id)) return 'done'
    const trouble = failed.get(target.id)
    if (trouble !== undefined) return trouble.detail ?? trouble.title
    if (changed.includes(target)) return 'changed: look again'
    return isHeld(target) ? 'needs its own confirmation' : ''
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with the keyboard
    <div class="targets" tabIndex={0} role="region" aria-label="Selected machines">
      <table class="rows small">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Key</th>
            <th scope="col">Seen at</th>
            <th scope="col">Checks</th>
            <th scope="col">
              <span class="hidden">Result</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {targets.map((target) => (
            <tr key={target.id}>
              <th scope="row">
                <Text of={target.name} /> <RoleTag role={target.role} />
              </th>
              <td>
                <code>{shortKey(target.key)}</code>
              </td>
              <td>
                <code>{target.address}</code>
              </td>
              <td>
                <ChecksSign {...target} />
              </td>
              <td class={failed.has(target.id) ? 'tone-bad' : 'muted'}>
                <Text of={fate(target)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const ControlPlaneConsent = (props: {
  targets: readonly (SeenEnrolment | SeenEnrolmentDetail)[]
  agreed: boolean
  onAgree: (agreed: boolean) => void
}) => {
  const all = props.targets.filter(({ role }) => role === 'control-plane')
  const [one] = all
  return (
    <Note tone="asks" title={all.length === 1 ? `${one?.name} becomes a control plane` : `${all.length} become control planes`}>
      <p>A control plane gets the keys of the cluster, once root has granted them on a control-plane host.</p>
      {all.length === 1 && one !== undefined && <EtcdWords of={one} />}
      <label class="tick">
        <input
          type="checkbox"
          checked={props.agreed}
          onChange={({ currentTarget }) => props.onAgree(currentTarget.checked)}
        />
        <span>{all.length === 1 ? 'Yes, it may rule the cluster' : 'Yes, they may rule the cluster'}</span>
      </label>
    </Note>
  )
}

const Reason = ({ reason, onReason }: { reason: string; onReason: (reason: string) => void }) => (
  <label class="field">
    <span>Reason, which the timeline keeps</span>
    <input
      type="text"
      maxLength={512}
      value={reason}
      list="reasons"
      autocomplete="off"
      onInput={({ currentTarget }) => onReason(currentTarget.value)}
    />
    <datalist id="reasons">
      <option value="not one of ours" />
      <option value="the key differs from the console" />
      <option value="wrong hardware" />
    </datalist>
  </label>
)

const KeyChoice = (props: { target: SeenEnrolment; keep: string | undefined; onKeep: (key: string) => void }) => {
  const { key, address, conflicts = [], facts } = props.target
  const all = [{ key, address, facts }, ...conflicts]
  const keys = all.filter((claim, place) => all.findIndex((other) => other.key === claim.key) === place)
  return (
    <fieldset class="key-choice">
      <legend>Which key does the console of the right machine show?</legend>
      {keys.map((claim, place) => (
        <label key={claim.key} class={props.keep === claim.key ? 'tick card chosen' : 'tick card'}>
          <input type="radio" name="keep" checked={props.keep === claim.key} onChange={() => props.onKeep(claim.key)} />
          <span>
            <span class="muted">
              {place === 0 ? 'first with the code' : 'came later'}, seen at {claim.address}
            </span>
            <Fingerprint of={claim.key} small />
          </span>
        </label>
      ))}
    </fieldset>
  )
}
