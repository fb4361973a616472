import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseTarGzip } from 'nanotar'
import t, { type Test } from 'tap'
import { type BehindFront, openBehindFront } from './behind-the-front.ts'

/** Runs `joinery bundle` as this user, and unpacks what it wrote. */
const bundleAs = async (t: Test, { joineryAs }: BehindFront, user: string) => {
  const path = join(t.testdir({}), 'bundle.tar.gz')
  const { exitCode, out, err } = await joineryAs(user, ['bundle', '--out', path])
  t.equal(exitCode, 0, err)
  const entries = await parseTarGzip(readFileSync(path))
  const files = Object.fromEntries(entries.map(({ name, text }) => [name.replace(/^[^/]*\//, ''), text]))
  return { out, err, files }
}

t.test('a bundle over the cluster has what its user may read, and says what only the host has', async (t) => {
  const behind = await openBehindFront(t)
  const { id } = await behind.waiting('edge-1')
  const { err, files } = await bundleAs(t, behind, 'alice')
  for (const name of ['status.json', 'codes.json', 'enrolments.json', `enrolments/${id}.json`])
    t.ok(name in files, name, { err })
  t.match(JSON.parse(files['enrolments.json'] ?? ''), { items: [{ id, name: 'edge-1', state: 'pending' }] })
  t.match(files['MANIFEST.txt'], /, over the cluster\.\n/)
  for (const name of ['server.yaml', 'unit.txt', 'journal.txt'])
    t.match(err, `not in it: ${name}: only on the host of the pairing server: sudo joinery bundle\n`, name)
})
