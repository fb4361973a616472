import { ProblemError } from '@joinery/protocol'
import { detail, key } from '@joinery/testing/command/fixtures'
import { serveOperators } from '@joinery/testing/command/operators'
import t from 'tap'
import { decisions } from '../../src/console/decisions.ts'
import { connect } from '../../src/session/client.ts'

const { id, revision } = detail
const shown = { id, revision, key }
const look = { revision: `${revision}`, key }

/** Each verb of the page, with the part of its call by which the door knows what was shown. */
const verbs = {
  approve: [shown, { body: { revision, key } }],
  retry: [shown, { body: { revision, key } }],
  reject: [{ ...shown, reason: 'not ours' }, { query: look }],
  release: [{ ...shown, keep: key }, { query: look }],
  remove: [shown, { query: look }]
} as const

for (const [verb, [body, bound]] of Object.entries(verbs)) {
  t.test(
    `${verb} is bound at the door to what was shown, and a later change comes back with what is now`,
    async (t) => {
      let looks = 0
      const { socket, calls } = await serveOperators(t, {
        show: () => {
          looks += 1
          return looks === 1 ? detail : { ...detail, revision: revision + 1 }
        },
        holder: () => ({ pods: [] }),
        [verb]: () => {
          throw new ProblemError('revision-changed', { detail: 'it is at revision 4' })
        }
      })
      const client = connect(socket)
      t.teardown(client.close)
      const here = { terminal: { exec: async () => '' }, kubectl: [] } as never
      const call = decisions({ client, here, pause: async () => {} })[verb as keyof typeof verbs]
      const error = await call(body as never).catch((error: unknown) => error)
      t.match(error, {
        problem: { code: 'revision-changed', detail: 'it is at revision 4', now: { revision: revision + 1 } }
      })
      t.match(
        calls.filter(({ route }) => route === verb),
        [{ reference: id, ...bound }]
      )
    }
  )
}
