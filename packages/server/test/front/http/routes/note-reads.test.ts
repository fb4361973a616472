import { type AddressInfo, connect } from 'node:net'
import { askAsWritten } from '@joinery/testing/requests/ask-as-written'
import { pathForms } from '@joinery/testing/requests/path-forms'
import Fastify from 'fastify'
import t from 'tap'
import { noteReads } from '../../../../src/front/http/routes/note-reads.ts'

t.test('B3: however the path is written, a look is noted', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  let noted = 0
  const note = () => {
    noted += 1
  }
  noteReads(app, note)
  app.get('/v1/codes', async () => ({ items: [] }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  for (const path of pathForms('/v1/codes')) {
    noted = 0
    const status = await askAsWritten(connect((app.server.address() as AddressInfo).port, '127.0.0.1'), 'GET', path)
    t.equal(noted, status === 200 ? 1 : 0, `${path}: ${status}`)
  }
})
