import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Files, filesUnder } from '@joinery/host/files'
import { hashCode, makeCode } from '@joinery/protocol'
import t, { type Test } from 'tap'
import { codeSource } from '../../src/code/code-source.ts'

const codeFile = '/etc/joinery/code'
const credentials = '/run/credentials/joinery-agent.service'
const credentialFile = `${credentials}/joinery.code`
const stateDirectory = '/var/lib/joinery-agent'
const takenFile = `${stateDirectory}/taken-code`
const newCode = () => makeCode(randomBytes)

/** A machine with these codes; what is read is what the next agent reads too. */
const open = async (t: Test, { file, credential }: { file?: string; credential?: string }) => {
  const root = t.testdir({})
  const files = filesUnder(root)
  if (file !== undefined) await files.write(codeFile, `${file}\n`, 0o600)
  if (credential !== undefined) await files.write(credentialFile, credential, 0o400)
  const source = (given: Files = files) => codeSource({ files: given, codeFile, credentials, stateDirectory })
  return { root, files, source }
}

t.test('a machine with neither file nor credential has no code', async (t) => {
  const { files, source } = await open(t, {})
  t.equal(await source().read(), undefined)
  const plain = codeSource({ files, codeFile, credentials: undefined, stateDirectory })
  t.equal(await plain.read(), undefined, 'also where systemd gives no credentials')
})

t.test('the code of the file comes before the code of the credential', async (t) => {
  const [file, credential] = [newCode(), newCode()]
  const { source } = await open(t, { file, credential })
  t.equal(await source().read(), `${file}\n`)
  t.equal(await source().name(), codeFile)
  await source().taken(file)
  t.equal(await source().read(), credential, 'which is another invitation')
  t.equal(await source().name(), 'the credential joinery.code')
})

t.test('no agent reads a code again that was taken', async (t) => {
  const code = newCode()
  for (const given of [{ file: code }, { credential: code }, { credential: `  ${code.toUpperCase()}\n` }]) {
    const { source } = await open(t, given)
    t.ok(await source().read(), JSON.stringify(given))
    await source().taken(code)
    t.equal(await source().read(), undefined, JSON.stringify(given))
  }
})

t.test('a code that is in the file and in the credential is taken from both', async (t) => {
  const code = newCode()
  const { source } = await open(t, { file: code, credential: code })
  await source().taken(code)
  t.equal(await source().read(), undefined)
})

t.test('the agent keeps only the hash of a code that was taken, and only root can read the hash', async (t) => {
  const code = newCode()
  const { root, files, source } = await open(t, { credential: code })
  await source().taken(code)
  t.equal(await files.read(takenFile), hashCode(code))
  t.equal((await stat(join(root, takenFile))).mode & 0o777, 0o600)
})

t.test('the agent keeps nothing of a code from the file', async (t) => {
  const code = newCode()
  const { files, source } = await open(t, { file: code, credential: newCode() })
  await source().taken(code)
  t.equal(await files.read(takenFile), undefined)
})

t.test('a new credential after one that was taken is a new invitation', async (t) => {
  const [first, second] = [newCode(), newCode()]
  const { files, source } = await open(t, { credential: first })
  await source().taken(first)
  await files.write(credentialFile, second, 0o400)
  t.equal(await source().read(), second)
})

t.test('a power cut before the agent notes a code leaves the whole code for the next try', async (t) => {
  const code = newCode()
  const { files, source } = await open(t, { credential: code })
  const cut: Files = { ...files, write: () => Promise.reject(new Error('power cut')) }
  await t.rejects(source(cut).taken(code), { message: 'power cut' })
  t.equal(await source().read(), code)
})

t.test('a power cut between the note and the file’s removal leaves the file', async (t) => {
  const code = newCode()
  const { files, source } = await open(t, { file: code, credential: code })
  const cut: Files = { ...files, remove: () => Promise.reject(new Error('power cut')) }
  await t.rejects(source(cut).taken(code), { message: 'power cut' })
  t.equal(await source().read(), `${code}\n`)
  await source().taken(code)
  t.equal(await source().read(), undefined)
})

t.test('two agents that note the same code at once leave one note', async (t) => {
  const code = newCode()
  const { source } = await open(t, { credential: code })
  await source().taken(code)
  await Promise.all([source().taken(code), source().taken(code)].map((done) => done.catch(() => {})))
  t.equal(await source().read(), undefined)
})

t.test('the agent reads a text that is no code as it is, so that the server can say what is wrong', async (t) => {
  for (const credential of ['', 'hunter2', '\0\xff'.repeat(1000), newCode().slice(0, -1)]) {
    const { files, source } = await open(t, { credential })
    t.equal(await source().read(), credential, JSON.stringify(credential.slice(0, 40)))
    await files.write(takenFile, '', 0o600)
    t.equal(await source().read(), credential, 'whatever the note says')
  }
})
