import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t from 'tap'
import { makeFolder } from '../../demo/folder.ts'

t.test('the demo has a folder by a plain name, or one with a suffix if that is taken', async (t) => {
  const parent = t.testdir()
  const first = await makeFolder(parent)
  t.equal(first, join(parent, 'joinery-demo'))
  t.equal((await stat(first)).mode & 0o777, 0o700)
  t.match(basename(await makeFolder(parent)), /^joinery-demo-\w{6}$/)
})
