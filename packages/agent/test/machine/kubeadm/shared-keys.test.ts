import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import { sharedFiles } from '@joinery/protocol/seal'
import t, { type Test } from 'tap'
import { keysInTheWay, placeKeys } from '../../../src/machine/kubeadm/shared-keys.ts'

const pki = '/etc/kubernetes/pki'
const keys = Object.fromEntries(
  [...sharedFiles.always, ...sharedFiles.stacked].map((name) => [name, `text of ${name}`])
)

const disk = (t: Test) => {
  const root = t.testdir({})
  const mode = async (path: string) => (await stat(join(root, pki, path))).mode & 0o777
  return { files: filesUnder(root), mode }
}

t.test('the keys are placed for kubeadm, and only root can read the secret ones, whatever the umask', async (t) => {
  const { files, mode } = disk(t)
  const umask = process.umask(0o077)
  await placeKeys(files, keys).finally(() => process.umask(umask))
  for (const [name, text] of Object.entries(keys)) {
    t.equal(await files.read(`${pki}/${name}`), text, name)
    t.equal(await mode(name), name.endsWith('.key') ? 0o600 : 0o644, name)
  }
  for (const folder of ['.', 'etcd']) t.equal(await mode(folder), 0o755, folder)
})

t.test('the keys can be placed again after a crash at any of them, or beside a second agent', async (t) => {
  const names = Object.keys(keys)
  for (const placed of names.keys()) {
    const { files } = disk(t)
    const some = Object.fromEntries(Object.entries(keys).slice(0, placed))
    await placeKeys(files, some)
    t.same(await keysInTheWay(files, keys), [], `${placed}`)
    await Promise.all([placeKeys(files, keys), placeKeys(files, keys)])
    t.same(
      await files.list(pki),
      ['ca.crt', 'ca.key', 'etcd', 'front-proxy-ca.crt', 'front-proxy-ca.key', 'sa.key', 'sa.pub'],
      `${placed}`
    )
  }
})

t.test('a file of another cluster is named and never overwritten', async (t) => {
  const { files } = disk(t)
  await files.write(`${pki}/etcd/ca.key`, 'theirs', 0o600)
  t.same(await keysInTheWay(files, keys), [`${pki}/etcd/ca.key`])
  await t.rejects(placeKeys(files, keys), /etcd\/ca\.key is in the way/)
  t.equal(await files.read(`${pki}/etcd/ca.key`), 'theirs')
})
