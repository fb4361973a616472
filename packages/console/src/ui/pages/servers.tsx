import type { SeenStatus } from '../../contract.ts'
import { logTexts, type ServerRow, serversSeen } from '../model/servers.ts'
import { Scroll } from '../parts/groups.tsx'
import { Note, Trouble } from '../parts/note.tsx'
import { Remedies } from '../parts/remedies.tsx'
import { Sign } from '../parts/sign.tsx'
import { Age, Moment, None, Pairs, Text } from '../parts/text.tsx'
import { rest, useAnswer } from '../state/answer.ts'
import { client } from '../state/session.ts'
import { PageHead } from './page-head.tsx'

/** Milliseconds between two looks: servers come and go, and no machine changes by that. */
const lookEach = 5000

/** The pairing servers of this installation, which one is active, and how their log is. */
export const Servers = () => {
  const answer = useAnswer('servers', () => client.status(), rest, lookEach)
  const status = answer.value.value
  const trouble = answer.trouble.value
  return (
    <div class="page">
      <PageHead
        title="Servers"
        hint={status === undefined ? 'The pairing servers, and which one is active.' : serversSeen(status).summary}
      />
      <div class="page-body servers">
        {trouble !== undefined && <Trouble words={trouble} />}
        {status !== undefined && <Seen status={status} />}
      </div>
    </div>
  )
}

const Seen = ({ status }: { status: SeenStatus }) => {
  const { keeping, rows, isWithoutActive, elsewhere } = serversSeen(status)
  const { log, leadership, remedies } = status
  return (
    <>
      {isWithoutActive && (
        <Note tone="bad" title="No server is active.">
          <p>
            Machines wait, and ask again. A server that stands by takes over after about 12 seconds. If none does, see
            why, on each host: <code>journalctl --unit joinery-server</code>
          </p>
        </Note>
      )}
      {elsewhere !== undefined && (
        <Note tone="calm" title="The server that this console asks stands by.">
          <p>
            It knows nothing of machines, and nothing of the log. Run <code>joinery console</code> on the host of{' '}
            <code>
              <Text of={elsewhere} />
            </code>
          </p>
        </Note>
      )}
      <Remedies of={remedies} />
      {keeping === 'unseen' && (
        <p class="hint">
          Kubernetes shows where the servers are, and not how they are; <code>joinery status</code> on the host of one
          says it to root.
        </p>
      )}
      <ServerTable rows={rows} />
      {leadership !== undefined && <Log term={leadership.term} log={log} />}
      {keeping === 'file' && <Store status={status} />}
      {rows.length === 1 && <HowSeveral isLog={keeping === 'log'} />}
    </>
  )
}

const ServerTable = ({ rows }: { rows: readonly ServerRow[] }) => (
  <Scroll class="table-card" label="Servers">
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">Address</th>
          <th scope="col">State</th>
          <th scope="col">Since</th>
          <th scope="col">Last seen</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ url, look, word, isAsked, since, seen }) => (
          <tr key={url} class={look.tone === 'bad' ? 'alarming' : ''}>
            <th scope="row" class="column-name">
              <Text of={url} /> {isAsked && <span class="tag">asked</span>}
            </th>
            <td class="nowrap">
              <Sign look={look}>{word}</Sign>
            </td>
            <td class="nowrap">{since === undefined ? <None /> : <Long of={since} />}</td>
            <td class="nowrap">
              {seen === undefined ? (
                <None />
              ) : (
                <span>
                  <Age of={seen} /> ago
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Scroll>
)

const Long = ({ of }: { of: string }) => (
  <span>
    <Moment of={of} />{' '}
    <span class="muted">
      (<Age of={of} />)
    </span>
  </span>
)

/** The log that the servers share. Only the active one knows it. */
const Log = ({ term, log }: { term: number; log: SeenStatus['log'] }) => (
  <section class="section" aria-labelledby="log">
    <h2 id="log">Log</h2>
    {log === undefined ? (
      <p class="hint">
        Only the active server knows the log. The last change of servers that this one saw is term {term}.
      </p>
    ) : (
      <Pairs
        rows={[
          ...logTexts(log),
          [
            'Takes writes',
            log.unavailable === undefined ? (
              'yes'
            ) : (
              <span class="tone-bad">
                no, since <Long of={log.unavailable.since} />: <Text of={log.unavailable.why} />
              </span>
            )
          ]
        ]}
      />
    )}
  </section>
)

/** The file of a server that is alone. */
const Store = ({ status: { store } }: { status: SeenStatus }) => (
  <section class="section" aria-labelledby="store">
    <h2 id="store">Store</h2>
    <Pairs
      rows={[
        [
          'File',
          <code key="file">
            <Text of={store?.path} />
          </code>
        ],
        [
          'Takes writes',
          store?.trouble === undefined ? (
            'yes'
          ) : (
            <span class="tone-bad">
              no: <Text of={store.trouble} />
            </span>
          )
        ]
      ]}
    />
  </section>
)

const HowSeveral = ({ isLog }: { isLog: boolean }) => (
  <section class="section" aria-labelledby="several">
    <h2 id="several">More than one</h2>
    <p>
      {isLog ? (
        'If its host is lost, no machine gets in until another server is there. A second server takes over by itself.'
      ) : (
        <>
          With <code>store: cluster</code> up to sixteen servers keep what they know in the etcd of the cluster. If the
          active one is lost, another one takes over.
        </>
      )}{' '}
      The page <cite>Several pairing servers</cite> on the host of the server says how:{' '}
      <code>/usr/share/doc/joinery-server/how-to/several-servers.md</code>
    </p>
  </section>
)
