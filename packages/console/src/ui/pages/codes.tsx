import { escapeText, shortId } from '@joinery/protocol/browser'
import { useState } from 'preact/hooks'
import type { SeenCode } from '../../contract.ts'
import { codeLook } from '../model/looks.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Chips, Scroll } from '../parts/groups.tsx'
import { RoleTag } from '../parts/machine-table.tsx'
import { Name } from '../parts/name.tsx'
import { Empty, Note, Trouble } from '../parts/note.tsx'
import { Sign } from '../parts/sign.tsx'
import { Age, None, Text, Until } from '../parts/text.tsx'
import { useAnswer } from '../state/answer.ts'
import { goTo, linkTo } from '../state/place.ts'
import { client, rightTo, type Words, wordsOf } from '../state/session.ts'
import { tell } from '../state/tidings.ts'
import { PageHead } from './page-head.tsx'

/** The codes, the newest first. The secret of a code is shown once, when it is made. */
export const Codes = () => {
  const answer = useAnswer('codes', () => client.codes())
  const [ends, setEnds] = useState<SeenCode>()
  const [over, setOver] = useState(false)
  const trouble = answer.trouble.value
  const all = [...(answer.value.value?.items ?? [])].sort((one, other) => (one.created < other.created ? 1 : -1))
  const isOpen = ({ status }: SeenCode) => status === 'open'
  const shown = over ? all : all.filter(isOpen)
  const invite = rightTo('invite')
  return (
    <div class="page">
      <PageHead
        title="Codes"
        hint="A code is a one-time invitation. It says which machines may come, and for how long."
      >
        <Button
          kind="primary"
          icon="plus"
          why={invite.may ? undefined : `needs the right to ${invite.missing}`}
          onClick={() => goTo('codes', { open: 'new' })}
        >
          Invite machines
        </Button>
      </PageHead>
      <Chips class="bar" label="Status">
        <button type="button" class="chip" aria-pressed={!over} onClick={() => setOver(false)}>
          Open <span class="count">{all.filter(isOpen).length}</span>
        </button>
        <button type="button" class="chip" aria-pressed={over} onClick={() => setOver(true)}>
          All <span class="count">{all.length}</span>
        </button>
      </Chips>
      {trouble !== undefined && <Trouble words={trouble} />}
      {answer.value.value !== undefined && shown.length === 0 && (
        <Empty title={over ? 'There is no code' : 'No code is open'}>
          <p>Make one for each machine that you expect, or one for several.</p>
        </Empty>
      )}
      {shown.length > 0 && (
        <Scroll class="table-view" label="Codes">
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Status</th>
                <th scope="col">Used</th>
                <th scope="col">From</th>
                <th scope="col">Labels</th>
                <th scope="col">Expires</th>
                <th scope="col">Age</th>
                <th scope="col">
                  <span class="hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((code) => (
                <CodeRow key={code.id} code={code} onEnd={() => setEnds(code)} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {ends !== undefined && <EndCode code={ends} onClose={() => setEnds(undefined)} onDone={answer.again} />}
    </div>
  )
}

const CodeRow = ({ code, onEnd }: { code: SeenCode; onEnd: () => void }) => {
  const { id, name, role, status, used, uses, from = [], labels = {}, expires, created } = code
  const revoke = rightTo('revoke')
  const texts = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return (
    <tr>
      <th scope="row" class="column-name">
        <a
          href={linkTo('machines', { code: id })}
          title="Machines that used it"
          aria-label={escapeText(name ?? 'any name')}
        >
          {name === undefined ? 'any name' : <Name of={name} />}
        </a>
        <RoleTag role={role} />
        <code class="muted short-id">{shortId(id)}</code>
      </th>
      <td>
        <Sign look={codeLook(status)}>{status}</Sign>
      </td>
      <td>
        <span class="uses">
          {used} of {uses}
        </span>
      </td>
      <td>
        {from.length === 0 ? (
          <span class="muted">anywhere</span>
        ) : (
          <code>
            <Text of={from.join(', ')} />
          </code>
        )}
      </td>
      <td>
        {texts.length === 0 ? (
          <None />
        ) : (
          texts.map((text) => (
            <span key={text} class="tag">
              <Text of={text} />
            </span>
          ))
        )}
      </td>
      <td>{status === 'open' ? <Until of={expires} /> : <None />}</td>
      <td>
        <Age of={created} />
      </td>
      <td class="column-act">
        {status === 'open' && (
          <Button small why={revoke.may ? undefined : `needs the right to ${revoke.missing}`} onClick={onEnd}>
            Revoke
            <span class="hidden">
              {' '}
              <Text of={name ?? id} />
            </span>
          </Button>
        )}
      </td>
    </tr>
  )
}

const EndCode = ({ code, onClose, onDone }: { code: SeenCode; onClose: () => void; onDone: () => void }) => {
  const [trouble, setTrouble] = useState<Words>()
  const left = code.uses - code.used
  const end = async (): Promise<void> => {
    try {
      await client.codeRevoke({ id: code.id })
      tell('good', { title: 'The code is revoked' })
      onDone()
      onClose()
    } catch (error) {
      setTrouble(wordsOf(error))
    }
  }
  return (
    <Dialog
      title={`Revoke the code for ${code.name ?? 'any name'}`}
      onClose={onClose}
      onSubmit={() => void end()}
      buttons={
        <>
          <Button type="submit" kind="danger">
            Revoke
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </>
      }
    >
      <Note
        tone="asks"
        title={
          left === 1
            ? 'One more machine could use it, and then cannot.'
            : `${left} more machines could use it, and then cannot.`
        }
      >
        <p>Machines that have used it already go on.</p>
      </Note>
      {trouble !== undefined && <Trouble words={trouble} />}
    </Dialog>
  )
}
