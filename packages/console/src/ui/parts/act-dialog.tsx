import { escapeText, hasJoined } from '@joinery/protocol/browser'
import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import type { SeenEnrolment, SeenEnrolmentDetail } from '../../contract.ts'
import { isHeld, type Judged, judge, letsIn, replaceOf, type Said } from '../model/asked.ts'
import { differences } from '../model/changed.ts'
import { shortKey } from '../model/key-groups.ts'
import { shownOf } from '../model/selection.ts'
import type { RowVerb } from '../model/verbs.ts'
import { listen } from '../state/link.ts'
import { choose, place } from '../state/place.ts'
import { client, problemOf, type Words, wordsOf } from '../state/session.ts'
import { tell } from '../state/tidings.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Differences } from './differences.tsx'
import { EtcdWords } from './etcd.tsx'
import { Fingerprint } from './fingerprint.tsx'
import { Scroll } from './groups.tsx'
import { ChecksSign, RoleTag } from './machine-table.tsx'
import { Note, Trouble } from './note.tsx'
import { Replacing } from './replacing.tsx'
import { Text } from './text.tsx'

/** A question that the page asks before it does something. `targets` are the machines as they were on the screen. */
export interface Asked {
  verb: RowVerb
  targets: readonly (SeenEnrolment | SeenEnrolmentDetail)[]
  /** The same machines as they are now, if that is known. */
  now?: readonly SeenEnrolment[]
}

export const asked = signal<Asked | undefined>(undefined)

const words: Record<RowVerb, { act: string; done: string; danger?: true }> = {
  approve: { act: 'Approve', done: 'approved' },
  replace: { act: 'Replace', done: 'approved', danger: true },
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

/** What the dialog knows of its machines, and what it does with them. */
const useQuestion = ({ verb, targets, now: known = [] }: Asked) => {
  const [seen, setSeen] = useState<readonly SeenEnrolment[]>(targets)
  const [now, setNow] = useState<ReadonlyMap<string, SeenEnrolment>>(new Map(known.map((row) => [row.id, row])))
  const [failed, setFailed] = useState<ReadonlyMap<string, Words>>(new Map())
  const [done, setDone] = useState<ReadonlySet<string>>(new Set())
  const [busy, setBusy] = useState(false)
  const [drains, setDrains] = useState(true)
  const [said, setSaid] = useState<Said>({ reason: '', typed: '', keep: undefined, controlPlanes: false })
  const judged = judge({ verb, seen, now, done, said })

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

  const act = async (target: SeenEnrolment): Promise<unknown> => {
    const shown = shownOf(target)
    switch (verb) {
      case 'approve':
        return client.approve(shown)
      case 'replace':
        return said.holder && client.approve({ ...shown, replace: replaceOf(said.holder, drains) })
      case 'retry':
        return client.retry(shown)
      case 'reject':
        return client.reject({ ...shown, reason: said.reason.trim() })
      case 'remove':
        return client.remove({ ...shown, drain: drains })
      default:
        return client.release({ ...shown, keep: said.keep ?? '' })
    }
  }

  const run = async (): Promise<void> => {
    if (judged.blocked !== undefined || busy) return
    setBusy(true)
    setFailed(new Map())
    const queue = [...judged.ready]
    const went: SeenEnrolment[] = []
    const wrong = new Map<string, Words>()
    const worker = async (): Promise<void> => {
      for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
        const { id } = target
        try {
          await act(target)
          went.push(target)
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
    tellDone(verb, went)
    if (wrong.size === 0 && went.length === judged.left.length) close()
  }

  const looked = ({ target, fresh }: Judged['changed'][number]): void => {
    setSeen((before) => before.map((other) => (other.id === target.id ? { ...target, ...fresh } : other)))
    setFailed(new Map())
  }
  const say = (more: Partial<Said>): void => setSaid((before) => ({ ...before, ...more }))
  return { seen, judged, failed, done, busy, drains, setDrains, said, say, run, looked }
}

/** Tells what was done, and selects it no longer. */
const tellDone = (verb: RowVerb, went: readonly SeenEnrolment[]): void => {
  const [first] = went
  if (first === undefined) return
  const who = went.length === 1 ? `${first.name} is` : `${went.length} machines are`
  tell('good', { title: `${who} ${words[verb].done}` })
  const { chosen } = place.peek()
  const ids = new Set(went.map(({ id }) => id))
  if (chosen.length > 0) choose(chosen.filter((id) => !ids.has(id)))
}

const Question = (props: Asked) => {
  const { verb } = props
  const { seen, judged, failed, done, busy, drains, setDrains, said, say, run, looked } = useQuestion(props)
  const { left, ready, mustType, effect, blocked } = judged
  // what the page itself is about to change is no news
  const changed = busy ? [] : judged.changed
  const { act, danger } = words[verb]
  const [one] = seen.length === 1 ? seen : []
  return (
    <Dialog
      title={one === undefined ? `${act} ${seen.length} machines` : `${act} ${escapeText(one.name)}`}
      wide={one === undefined || verb === 'release' || verb === 'replace'}
      onClose={close}
      onSubmit={() => void run()}
      buttons={
        <>
          <Button type="submit" kind={danger ? 'danger' : 'primary'} why={busy ? 'it is under way' : blocked}>
            {busy ? 'Working…' : `${act}${one === undefined ? ` ${ready.length}` : ''}`}
          </Button>
          <Button onClick={close}>{done.size > 0 && left.length > 0 ? 'Leave the rest' : 'Cancel'}</Button>
        </>
      }
    >
      {one === undefined ? (
        <Targets {...{ verb, targets: seen, done, failed, changed, said }} />
      ) : (
        <One {...{ verb, target: one, failed, isChanged: changed.length > 0 }} />
      )}
      {changed.map((one) => (
        <Note
          key={one.target.id}
          tone="asks"
          role="alert"
          title={`${escapeText(one.target.name)} changed while you looked`}
        >
          <Differences all={differences(one.target, one.fresh)} />
          <Button small onClick={() => looked(one)}>
            I have looked at it
          </Button>
        </Note>
      ))}
      {letsIn(verb) && left.some(({ role }) => role === 'control-plane') && (
        <ControlPlaneConsent
          targets={left}
          agreed={said.controlPlanes}
          onAgree={(controlPlanes) => say({ controlPlanes })}
        />
      )}
      {verb === 'release' && one !== undefined && (
        <KeyChoice target={one} keep={said.keep} onKeep={(keep) => say({ keep })} />
      )}
      {verb === 'replace' && one !== undefined && changed.length === 0 && (
        <Replacing
          target={one}
          holder={said.holder}
          failed={failed.get(one.id)}
          drains={drains}
          // what is typed is about what was on the screen
          onHolder={(holder) => say({ holder, typed: '' })}
          onDrains={setDrains}
        />
      )}
      {verb === 'reject' && <Reason reason={said.reason} onReason={(reason) => say({ reason })} />}
      {effect !== undefined && <Note tone="bad" title={effect} />}
      {verb === 'remove' && (
        <Note tone="bad" title="This deletes its Node and bans its name, for good.">
          {one !== undefined && hasJoined(one) && (
            <label class="tick">
              <input
                type="checkbox"
                checked={drains}
                onChange={({ currentTarget }) => setDrains(currentTarget.checked)}
              />
              <span>Evict its Pods first, with the data of their emptyDirs. It may take minutes.</span>
            </label>
          )}
        </Note>
      )}
      {mustType !== undefined && (
        <label class="field">
          <span>
            Type <code>{mustType}</code> to go on
          </span>
          <input
            type="text"
            value={said.typed}
            autocomplete="off"
            onInput={({ currentTarget }) => say({ typed: currentTarget.value })}
          />
        </label>
      )}
    </Dialog>
  )
}

/** One machine, and what the last try said. */
const One = (props: {
  verb: RowVerb
  target: SeenEnrolment
  failed: ReadonlyMap<string, Words>
  isChanged: boolean
}) => {
  if (props.isChanged) return null
  const trouble = props.failed.get(props.target.id)
  return (
    <>
      <OneTarget {...props} />
      {trouble !== undefined && <Trouble words={trouble} />}
    </>
  )
}

const OneTarget = ({ verb, target }: { verb: RowVerb; target: SeenEnrolment | SeenEnrolmentDetail }) => {
  const { key, address, role } = target
  if (verb !== 'approve' && verb !== 'retry') return null
  return (
    <>
      <p class="question">Is this the key on the console of the machine?</p>
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
          <p>
            <Text of={target.nameConflict} />
          </p>
        </Note>
      )}
    </>
  )
}

interface TargetsProps {
  verb: RowVerb
  targets: readonly SeenEnrolment[]
  done: ReadonlySet<string>
  failed: ReadonlyMap<string, Words>
  changed: Judged['changed']
  said: Said
}

const Targets = ({ verb, targets, done, failed, changed, said }: TargetsProps) => {
  const fate = (target: SeenEnrolment): string => {
    if (done.has(target.id)) return 'done'
    const trouble = failed.get(target.id)
    if (trouble !== undefined) return trouble.detail ?? trouble.title
    if (changed.some((one) => one.target.id === target.id)) return 'changed: look again'
    return isHeld(target, verb, said) ? 'needs its own confirmation' : ''
  }
  return (
    <Scroll class="targets" label="Selected machines">
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
                <code>
                  <Text of={target.address} />
                </code>
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
    </Scroll>
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
    <Note
      tone="asks"
      title={all.length === 1 ? `${one?.name} becomes a control plane` : `${all.length} become control planes`}
    >
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
              {place === 0 ? 'first with the code' : 'came later'}, seen at <Text of={claim.address} />
            </span>
            <Fingerprint of={claim.key} small />
          </span>
        </label>
      ))}
    </fieldset>
  )
}
