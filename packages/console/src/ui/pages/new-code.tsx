import { awaitsApproval, hasJoined, isFrozen } from '@joinery/protocol/browser'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useState } from 'preact/hooks'
import type { CreatedCode, SeenEnrolment } from '../../contract.ts'
import { type CodeForm, emptyForm, errorsOf, type FormErrors, lifetimesOffered, requestOf } from '../model/code-form.ts'
import { joinProgress } from '../model/join-progress.ts'
import { Button, Copy } from '../parts/button.tsx'
import { Chips, Scroll } from '../parts/groups.tsx'
import { Note, Trouble } from '../parts/note.tsx'
import { StageBar } from '../parts/progress.tsx'
import { StateSign } from '../parts/sign.tsx'
import { Moment, Text } from '../parts/text.tsx'
import { itemsOf, useList } from '../state/list.ts'
import { goTo, linkTo } from '../state/place.ts'
import { client, rightTo, type Words, wordsOf } from '../state/session.ts'
import { say } from '../state/tidings.ts'
import { PageHead } from './page-head.tsx'

/** Makes a code step by step, and waits until the machine is there. */
export const NewCode = () => {
  const [made, setMade] = useState<CreatedCode>()
  return (
    <div class="page">
      <PageHead title="Invite machines">
        <Button onClick={() => goTo('codes')}>All codes</Button>
      </PageHead>
      <div class="page-body narrow">
        {made === undefined ? <Form onMade={setMade} /> : <Made made={made} onAgain={() => setMade(undefined)} />}
      </div>
    </div>
  )
}

const Field = (props: {
  label: string
  hint?: string
  error?: string | undefined
  children: (id: string, described: string) => ComponentChildren
}) => {
  const id = useId()
  const more = `${id}-more`
  return (
    <div class={props.error === undefined ? 'field' : 'field wrong'}>
      <label for={id}>{props.label}</label>
      {props.children(id, more)}
      <p id={more} class="hint">
        {props.error ?? props.hint}
      </p>
    </div>
  )
}

const namings: readonly [CodeForm['naming'], string, string][] = [
  ['asks', 'The machine asks for one', 'You see the name before you approve.'],
  ['exact', 'This name', 'One machine gets exactly this name.'],
  ['pattern', 'A pattern', 'Each machine gets the lowest free number.']
]

const roleWords = [
  ['worker', 'Worker', 'Runs Pods.'],
  ['control-plane', 'Control plane', 'Rules the cluster. Root has to grant it the keys as well.']
] as const

const Form = ({ onMade }: { onMade: (made: CreatedCode) => void }) => {
  const [form, setForm] = useState<CodeForm>(emptyForm)
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [iso, setIso] = useState(false)
  const [trouble, setTrouble] = useState<Words>()
  const set = <K extends keyof CodeForm>(name: K, value: CodeForm[K]) =>
    setForm((before) => ({ ...before, [name]: value }))
  const errors: FormErrors = tried ? errorsOf(form) : {}
  const right = rightTo(form.role === 'control-plane' ? 'invite-control-plane' : 'invite')
  const label = rightTo('label')
  const lacks = !right.may ? right.missing : form.labels.trim() !== '' && !label.may ? label.missing : undefined

  const submit = async (): Promise<void> => {
    setTried(true)
    if (Object.keys(errorsOf(form)).length > 0 || lacks !== undefined || busy) return
    setBusy(true)
    setTrouble(undefined)
    try {
      onMade(await client.codeCreate({ request: requestOf(form), ...(iso ? { iso } : {}) }))
    } catch (error) {
      setTrouble(wordsOf(error))
    }
    setBusy(false)
  }
  return (
    <form
      class="wizard"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <fieldset>
        <legend>
          <span class="number" aria-hidden="true">
            1
          </span>{' '}
          What becomes of them
        </legend>
        <div class="choices">
          {roleWords.map(([value, title, hint]) => (
            <label key={value} class={form.role === value ? 'card choice chosen' : 'card choice'}>
              <input type="radio" name="role" checked={form.role === value} onChange={() => set('role', value)} />
              <span>
                <strong>{title}</strong>
                <span class="hint">{hint}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>
          <span class="number" aria-hidden="true">
            2
          </span>{' '}
          Names
        </legend>
        <div class="choices three">
          {namings.map(([value, title, hint]) => (
            <label key={value} class={form.naming === value ? 'card choice chosen' : 'card choice'}>
              <input type="radio" name="naming" checked={form.naming === value} onChange={() => set('naming', value)} />
              <span>
                <strong>{title}</strong>
                <span class="hint">{hint}</span>
              </span>
            </label>
          ))}
        </div>
        <div class="fields">
          {form.naming !== 'asks' && (
            <Field
              label={form.naming === 'exact' ? 'Node name' : 'Pattern'}
              error={errors.name}
              hint={form.naming === 'exact' ? 'Such as worker-1.' : 'Such as worker-{n}.'}
            >
              {(id, more) => (
                <input
                  id={id}
                  type="text"
                  autocomplete="off"
                  spellcheck={false}
                  value={form.name}
                  aria-describedby={more}
                  aria-invalid={errors.name !== undefined}
                  onInput={({ currentTarget }) => set('name', currentTarget.value)}
                />
              )}
            </Field>
          )}
          <Field label="Machines" error={errors.uses} hint="You decide about each of them.">
            {(id, more) => (
              <input
                id={id}
                type="number"
                min={1}
                max={1000}
                value={form.uses}
                aria-describedby={more}
                aria-invalid={errors.uses !== undefined}
                onInput={({ currentTarget }) => set('uses', currentTarget.value)}
              />
            )}
          </Field>
          <Field label="Good for" hint="For the first contact. A machine that has come may wait longer.">
            {(id, more) => (
              <select
                id={id}
                aria-describedby={more}
                value={`${form.ttl}`}
                onChange={({ currentTarget }) => set('ttl', Number(currentTarget.value))}
              >
                {lifetimesOffered.map(([seconds, words]) => (
                  <option key={seconds} value={`${seconds}`}>
                    {words}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
      </fieldset>
      <fieldset>
        <legend>
          <span class="number" aria-hidden="true">
            3
          </span>{' '}
          Bounds and labels <span class="muted">(may stay empty)</span>
        </legend>
        <div class="fields two">
          <Field
            label="Only from these networks"
            error={errors.from}
            hint="CIDRs such as 10.0.4.0/24, as the server sees the machines."
          >
            {(id, more) => (
              <textarea
                id={id}
                rows={2}
                spellcheck={false}
                value={form.from}
                aria-describedby={more}
                aria-invalid={errors.from !== undefined}
                onInput={({ currentTarget }) => set('from', currentTarget.value)}
              />
            )}
          </Field>
          <Field label="Labels of the Nodes" error={errors.labels} hint="Such as rack=r7, one a line.">
            {(id, more) => (
              <textarea
                id={id}
                rows={2}
                spellcheck={false}
                value={form.labels}
                aria-describedby={more}
                aria-invalid={errors.labels !== undefined}
                onInput={({ currentTarget }) => set('labels', currentTarget.value)}
              />
            )}
          </Field>
        </div>
        <label class="tick">
          <input type="checkbox" checked={iso} onChange={({ currentTarget }) => setIso(currentTarget.checked)} />
          <span>Make a seed disk (ISO) as well, for virtual and bare machines</span>
        </label>
      </fieldset>
      {trouble !== undefined && <Trouble words={trouble} />}
      <div class="actions">
        <Button type="submit" kind="primary" why={lacks && `needs the right to ${lacks}`}>
          {busy ? 'Working…' : 'Make the code'}
        </Button>
        <Button onClick={() => goTo('codes')}>Cancel</Button>
      </div>
    </form>
  )
}

const ways = ['user-data', 'disk', 'command'] as const
type Way = (typeof ways)[number]

const wayWords: Record<Way, string> = { 'user-data': 'User-data', disk: 'Seed disk', command: 'Command' }

const Made = ({ made, onAgain }: { made: CreatedCode; onAgain: () => void }) => {
  const { code, userData, command, iso, lacking } = made
  const [way, setWay] = useState<Way>(iso !== undefined ? 'disk' : userData !== undefined ? 'user-data' : 'command')
  const offered = ways.filter(
    (one) => one === 'command' || (one === 'disk' ? iso !== undefined || lacking !== undefined : userData !== undefined)
  )
  return (
    <div class="made">
      <Note tone="asks" title="This is shown once. Nothing else has the code again.">
        <p>
          Good until <Moment of={code.expires} />, for {code.uses === 1 ? 'one machine' : `${code.uses} machines`}
          {code.name === undefined ? (
            ''
          ) : (
            <>
              {' '}
              named{' '}
              <code>
                <Text of={code.name} />
              </code>
            </>
          )}
          .
        </p>
      </Note>
      {(code.warnings ?? []).map((warning) => (
        <Note key={warning} tone="asks" title={<Text of={warning} />} />
      ))}
      <Chips label="Ways to give the code to a machine">
        {offered.map((one) => (
          <button key={one} type="button" class="chip" aria-pressed={way === one} onClick={() => setWay(one)}>
            {wayWords[one]}
          </button>
        ))}
      </Chips>
      {way === 'user-data' && userData !== undefined && (
        <Given
          hint="Give this to the machine as its cloud-init user-data. It holds the code: treat it as a secret."
          text={userData}
          file="user-data"
        />
      )}
      {way === 'command' && (
        <>
          <Given
            hint="Run this as root on a machine that has the agent. It asks for the code."
            text={command.replace(/^[^:]*as root: /, '')}
          />
          <Given hint="The code. Treat it as a secret." text={code.code} />
        </>
      )}
      {way === 'disk' &&
        (iso === undefined ? (
          <Note tone="bad" title="There is no seed disk">
            <p>
              <Text of={lacking} />
            </p>
          </Note>
        ) : (
          <div class="card">
            <p>Attach this disk at the first boot. cloud-init finds it by its label, cidata.</p>
            <Save name="seed.iso" content={Uint8Array.from(atob(iso), (character) => character.charCodeAt(0))} />
          </div>
        ))}
      <Arrivals code={code.id} uses={code.uses} />
      <div class="actions">
        <Button onClick={onAgain}>Make another code</Button>
      </div>
    </div>
  )
}

const Given = ({ hint, text, file }: { hint: string; text: string; file?: string }) => (
  <div class="given">
    <p class="hint">{hint}</p>
    <Scroll class="code" label={file ?? 'command'}>
      <pre>{text}</pre>
    </Scroll>
    <div class="actions">
      <Copy text={text} label="Copy" small={false} />
      {file !== undefined && <Save name={file} content={text} />}
    </div>
  </div>
)

/** A link that saves a file. The browser makes it: nothing leaves the page. */
const Save = ({ name, content }: { name: string; content: string | Uint8Array<ArrayBuffer> }) => {
  const [url, setUrl] = useState('')
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [name])
  return (
    <a class="button plain" href={url} download={name}>
      Save {name}
    </a>
  )
}

/** The machines that came with the code. Each turns green when it is Ready. */
const Arrivals = ({ code, uses }: { code: string; uses: number }) => {
  const list = useList({ code, order: 'oldest' })
  const items = itemsOf(list)
  const count = items.length
  useEffect(() => {
    if (count > 0) say(`${count} of ${uses} machines have come with the code`)
  }, [count, uses])
  return (
    <section class="arrivals" aria-label="Machines of this code">
      <h2>
        Machines{' '}
        <span class="muted">
          {count} of {uses}
        </span>
      </h2>
      {count === 0 && (
        <p class="expecting">
          <span class="pulse" aria-hidden="true" />
          Waiting for {uses === 1 ? 'the machine' : 'the first machine'}. It appears here by itself.
        </p>
      )}
      <ul>
        {items.map((row) => (
          <Arrival key={row.id} row={row} />
        ))}
      </ul>
    </section>
  )
}

const Arrival = ({ row }: { row: SeenEnrolment }) => {
  const { id, name, state } = row
  const progress = joinProgress(row)
  const arrived = hasJoined(row)
  return (
    <li class={arrived ? 'card arrived' : 'card'}>
      <a href={linkTo(awaitsApproval(row) || isFrozen(row) ? 'waiting' : 'machines', { open: id })}>
        <Text of={name} />
      </a>
      <StateSign state={state} />
      {progress !== undefined && <StageBar progress={progress} />}
      {awaitsApproval(row) && <span class="muted">It waits for you.</span>}
    </li>
  )
}
