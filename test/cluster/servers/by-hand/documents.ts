import type { Test } from 'tap'
import { waitFor } from '../../bed/wait-for.ts'
import { minutes } from '../../product.ts'
import { race } from '../race.ts'
import type { OneServer } from '../three-servers.ts'
import { type Around, bothWays, head } from './around.ts'

interface Document {
  metadata: { name: string }
  spec: { number: number; text: string }
}

/** A document put back by hand to an older one: told of and written again while the server runs, and refused at a take-over. */
export const documentPutBack = async (t: Test, around: Around): Promise<void> => {
  const { servers, desk, hands } = around
  const active = await desk.allUp()
  await hands.takeAway('joinery-log', head)
  const id = await pending(around, active)
  await desk.written(active)
  const object = await documentOf(around, id)
  const read = () => hands.read<Document>(object)
  const older = await read()

  await desk.must(active, 'approve', id, '--yes')
  await desk.written(active)
  const approved = await read()
  await putBack(around, older)
  t.equal((await read()).spec.number, older.spec.number)
  await desk.must(active, 'reject', id, '--reason', 'not ours', '--yes')
  const written = await waitFor(
    'the document to be written again',
    read,
    ({ spec }) => spec.number > approved.spec.number,
    minutes
  )
  t.ok(written.spec.number > older.spec.number)
  const back = new RegExp(`somebody put ${older.metadata.name} of the log back from batch \\d+ to batch \\d+`)
  const alert = async () => (await desk.status(active)).alerts.last.find(({ event }) => event === 'log-edited')
  const told = await waitFor('somebody to hear of it', alert, (found) => found !== undefined, minutes)
  t.match(told?.detail, back)

  await desk.written(active)
  // a batch that is still in the head would be written again at the take-over
  await desk.newCode(active, 'after-the-rejection')
  await desk.written(active)
  await putBack(around, approved)
  await active.signal('SIGTERM')
  for (const server of servers.all) {
    if (server === active) continue
    await server.ended()
    t.match(await desk.logOf(server), /the documents of the log in the cluster are not those of its head/, server.name)
  }
  const refused = await active.program('run')
  t.not(refused.code, 0)
  t.match(
    refused.stderr,
    new RegExp(`${older.metadata.name} is of batch \\d+ and was of \\d+`),
    'it names the document'
  )
  t.match(refused.stderr, bothWays)
  await desk.adopt(t, active, '--local')
  const { code, stderr } = await active.program('setup')
  t.equal(code, 0, stderr)
  for (const server of servers.all) if (server !== active) await desk.adopt(t, server, '--cluster')
  for (const server of servers.all) await server.start()
  const found = (await desk.enrolments(await servers.untilActive())).find((one) => one.id === id)
  t.equal(found?.state, 'rejected', 'what was acknowledged last counts')
  await hands.untilGuarded(head)
}

/** Id of a machine that waits. */
const pending = async ({ bed, servers, desk }: Around, active: OneServer): Promise<string> => {
  const before = new Set((await desk.enrolments(active)).map(({ id }) => id))
  const { code } = await desk.newCode(active, 'waits-here')
  await race(bed, servers, { code, racers: 1 })
  const [id] = (await desk.enrolments(active)).map(({ id }) => id).filter((id) => !before.has(id))
  if (id === undefined) throw new Error('no machine enrolled')
  return id
}

const documentOf = async ({ hands }: Around, id: string): Promise<string> => {
  const list = await hands.must(['get', 'logdocuments', '-o', 'name'])
  const [object] = list.split('\n').filter((name) => name.includes(`/subject.${id}`))
  if (object === undefined) throw new Error(`there is no document of ${id}:\n${list}`)
  return object
}

/** An older document cannot be put over a newer one, but in its place. */
const putBack = async ({ hands }: Around, { metadata: { name }, spec }: Document): Promise<void> => {
  await hands.must(['annotate', 'logdocument', name, 'joinery.dev/allow-deletion=true'])
  await hands.must(['delete', 'logdocument', name])
  const object = { apiVersion: 'log.joinery.dev/v1', kind: 'LogDocument', metadata: { name }, spec }
  await hands.must(['create', '-f', '-'], object)
}
