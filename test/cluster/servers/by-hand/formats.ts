import { readFile, rm, writeFile } from 'node:fs/promises'
import type { Test } from 'tap'
import { waitFor } from '../../bed/wait-for.ts'
import { minutes, root, version } from '../../product.ts'
import type { OneServer } from '../three-servers.ts'
import { type Around, head } from './around.ts'

/** Two versions of the server beside each other: with one format of the log, and with a newer one that the older server cannot read. */
export const versionsBesideEachOther = async (t: Test, around: Around): Promise<void> => {
  const { servers, desk, hands, first, second } = around
  const later = await bundleWith(t, 'later', [[`"${version}"`, '"99.0.0"']])
  await desk.stopAll()
  await first.start()
  await servers.untilActive()
  await desk.newCode(first, 'by-this-version')
  await second.start(later)
  t.equal((await desk.status(second)).version, '99.0.0')
  await first.signal('SIGTERM')
  t.equal(await servers.untilActive(), second, 'the newer one takes over')
  await desk.newCode(second, 'by-the-newer')
  await first.start()
  await second.signal('SIGTERM')
  t.equal(await servers.untilActive(), first, 'and the older one again')
  const names = await desk.names(first)
  t.match([names.includes('by-this-version'), names.includes('by-the-newer')], [true, true])

  await documentOfNewerFormat(t, around)

  const newer = await bundleWith(t, 'newer', [
    ['headFormat=3', 'headFormat=4'],
    // it reads the older format, too
    [/(\w+)\.\s*Literal\(\s*headFormat\s*\)/g, '$1.Literal(3),$1.Literal(headFormat)']
  ])
  await second.start(newer)
  t.equal((await desk.ready(second)).status, 200)
  await first.signal('SIGTERM')
  t.equal(await servers.untilActive(), second)
  t.ok((await desk.names(second)).includes('by-this-version'))
  await desk.newCode(second, 'in-the-newer-format')
  await first.start()
  await staysPassive(t, around, first, /a newer server wrote the head of the log \(format 4\)/)
  const told = timesTold(await desk.logOf(first))
  await second.signal('SIGTERM')
  const { spec } = await hands.read<{ spec: { number: number } }>(head)
  const log = () => desk.logOf(first)
  await waitFor(`${first.name} to find out at the take-over`, log, (text) => timesTold(text) > told, minutes)
  await staysPassive(t, around, first, /a newer server wrote the head of the log \(format 4\)/)
  t.equal((await hands.read<{ spec: { number: number } }>(head)).spec.number, spec.number, 'and wrote nothing')
  await second.start(newer)
  t.equal(await servers.untilActive(), second, 'the newer one goes on')
  t.ok((await desk.names(second)).includes('in-the-newer-format'))
  await first.signal('SIGTERM')
}

const timesTold = (log: string): number => log.split('stands by until it is upgraded').length

/** It says why, to whoever asks, and its process goes on. */
const staysPassive = async (t: Test, { desk }: Around, server: OneServer, words: RegExp): Promise<void> => {
  const { body } = await waitFor(
    `${server.name} to be passive`,
    () => desk.ready(server),
    ({ status }) => status === 503,
    minutes
  )
  t.match(body, words)
  t.match(body, /install that version of joinery-server here too/)
  const shown = await desk.shown(server)
  t.match(shown, words)
  t.match(shown, /This server stands by, and could not take over/)
  t.comment(shown)
  t.ok(server.isUp())
}

/** A document of a format that nobody here knows: each server that takes over says so, and leaves the log alone. */
const documentOfNewerFormat = async (t: Test, around: Around): Promise<void> => {
  const { servers, desk, hands, first, second } = around
  await second.start()
  await desk.written(first)
  const list = await hands.must(['get', 'logdocuments', '-o', 'name'])
  const [document = ''] = list.split('\n').filter((name) => name.includes('/subject.'))
  await hands.takeAway('joinery-log', head)
  t.equal(await hands.edit(document, { op: 'replace', path: '/spec/format', value: 7 }), '')
  await first.signal('SIGTERM')
  const words = new RegExp(`a newer server wrote document ${document.split('/')[1]} of the log \\(format 7\\)`)
  await staysPassive(t, around, second, words)
  await first.start()
  await staysPassive(t, around, first, words)
  await desk.stopAll()
  await desk.adopt(t, first, '--local')
  const { code, stderr } = await first.program('setup')
  t.equal(code, 0, stderr)
  await desk.adopt(t, second, '--cluster')
  await first.start()
  await servers.untilActive()
}

/** The program with these words changed, of which each must be there. */
const bundleWith = async (
  t: Test,
  name: string,
  changes: readonly [from: string | RegExp, to: string][]
): Promise<readonly string[]> => {
  let text = await readFile(`${root}/dist/server/joinery-server.mjs`, 'utf8')
  for (const [from, to] of changes) {
    const changed = text.replaceAll(from, to)
    if (changed === text) throw new Error(`the bundle has no ${from}`)
    text = changed
  }
  const path = `${root}/dist/server/joinery-server.${name}.mjs`
  await writeFile(path, text)
  t.teardown(() => rm(path))
  return [process.execPath, path]
}
