import { X509Certificate } from 'node:crypto'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import t from 'tap'
import { makeKey } from '../../../src/keys/make-key.ts'
import { issueClient } from '../../../src/machine/control-plane/issue-client.ts'
import { judgePem, keyIn, readPem } from '../../../src/machine/way-back/read-pem.ts'
import { authority } from './authority.ts'

const { cert, key } = await issueClient(await authority(), Date.now())

t.test('a certificate with its key is whole, in either order and with text around it', async (t) => {
  for (const text of [`${cert}\n${key}`, `${key}${cert}\n`, `a comment\n${cert}\n${key}\nmore`]) {
    const pem = judgePem(text)
    t.match(pem, { state: 'whole', certificate: { fingerprint: /^sha256:/, serial: /^[0-9A-F]+$/ } })
    t.match(pem, { notAfter: Date.parse(new X509Certificate(cert).validTo) })
  }
  t.equal(keyIn(`${cert}\n${key}`).trim(), key.trim())
})

t.test('what is of no use is told apart', async (t) => {
  const rows: [string, string, string][] = [
    ['another key', `${cert}\n${makeKey()}`, 'key-does-not-fit'],
    ['no key', cert, 'unreadable'],
    ['half a key', `${cert}\n${key.slice(0, 60)}`, 'unreadable'],
    ['no certificate', key, 'unreadable'],
    ['zeros, as after a power cut', '\0'.repeat(100), 'unreadable'],
    ['nothing', '', 'unreadable'],
    ['a damaged certificate', cert.replace(/[A-Z]{4}/, '!!!!'), 'unreadable']
  ]
  for (const [what, text, state] of rows) t.equal(judgePem(text).state, state, what)
  t.match(judgePem(`${cert}\n${makeKey()}`), { certificate: { serial: String } }, 'the certificate can still be read')
  t.notOk('certificate' in judgePem(key))
})

t.test('a file that is missing is told from a link to nothing', async (t) => {
  const pki = 'var/lib/kubelet/pki'
  const root = t.testdir({ var: { lib: { kubelet: { pki: { 'kubelet-client-1.pem': `${cert}\n${key}` } } } } })
  const files = filesUnder(root)
  t.same(await readPem(files), { state: 'missing' })
  const link = join(root, pki, 'kubelet-client-current.pem')
  await symlink(join(root, pki, 'kubelet-client-1.pem'), link)
  t.match(await readPem(files), { state: 'whole' })
  await files.remove(`/${pki}/kubelet-client-1.pem`)
  t.same(await readPem(files), { state: 'dead-link' })
})
