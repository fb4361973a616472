import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Terminal } from '@joinery/cli/testing/terminal'
import { day, fingerprint, minute } from '@joinery/protocol'
import type { InstallationView } from '@joinery/protocol/door'
import { type Authority, makeAuthority, makeKey, makeLeaf, readKeyPair } from '@joinery/server/testing/keys'
import { runWith } from '@joinery/testing/command/operators'
import { nextPinBy, type Stated, second, signedInstallation, signerIn } from '@joinery/testing/front/statements'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { openBehindFrontWithoutReader, written } from './behind-the-front.ts'

const aPackage = { sha256: 'b'.repeat(64), size: 30_000_000 }
const thief = { server: 'https://evil.example:7443', apiEndpoint: 'evil.example:6443', hash: 'e'.repeat(64) }
const namespaces = { group: '', plural: 'namespaces' }
const cloudInit = ['cloud-init', '--name', 'edge-1']

/** A CA with its pin. */
const anAuthority = async (): Promise<Authority & { pin: string }> => {
  const pair = readKeyPair(makeKey())
  return { pair, certificate: await makeAuthority(pair, new Date()), pin: fingerprint(pair.publicKey) }
}

/** A cluster whose Installation the test signs with the keys of its server, and a laptop that keeps pins. */
const open = async (t: Test) => {
  const behind = await openBehindFrontWithoutReader(t)
  const { pairing, front, joineryAs, install } = behind
  behind.answerCodes({ state: 'open', used: 0 })
  await behind.cutOff()
  const { state: keys } = pairing.config
  const laptop = t.testdir({})
  const shown = { ...behind.installation(), package: aPackage }
  /** `stated`: what the statement says otherwise. */
  const sign = async (stated: Partial<Stated> = {}, signer = signerIn(keys)): Promise<InstallationView> =>
    signedInstallation(await signer, shown, { cluster: front.uid, ...stated })
  const show = async (differs: Partial<InstallationView> = {}, stated: Partial<Stated> = {}): Promise<void> => {
    install({ ...(await sign(stated)), ...differs })
  }
  await show()
  return {
    ...behind,
    keys,
    laptop,
    sign,
    show,
    /** Runs the command on the laptop with nothing but what it keeps. */
    bare: (words: readonly string[], terminal: Partial<Terminal> = {}) =>
      joineryAs('alice', words, { pin: '', state: laptop, ...terminal }),
    /** Folder of a laptop that keeps nothing yet. */
    other: () => mkdtempSync(join(laptop, 'other-')),
    /** The entry of the cluster in the file of the laptop's pins. */
    kept: () => JSON.parse(readFileSync(join(laptop, 'pins.json'), 'utf8')).pins[front.uid]
  }
}

/** The files that user-data writes, by their paths. */
const filesIn = (userData: string): Map<string, string> =>
  new Map(
    parse(userData, { version: '1.1' }).write_files.map(({ path, content }: { path: string; content: string }) => [
      path,
      content
    ])
  )

t.test('F2: user-data over the cluster has nothing of what a thief wrote beside the true pin', async (t) => {
  const { front, joinery, show, pairing } = await open(t)
  const { certificate } = await anAuthority()
  await show({
    server: thief.server,
    servers: [thief.server],
    certificateAuthority: certificate,
    package: { ...aPackage, sha256: thief.hash },
    apiEndpoint: thief.apiEndpoint
  })
  const { exitCode, out, err } = await joinery(...cloudInit)
  t.equal(exitCode, 0, err)
  t.notMatch(`${out}${err}`, new RegExp(`evil|${thief.hash}`))
  t.notOk(out.includes(certificate.split('\n')[2] ?? certificate))
  t.match(err, /Warning: the cluster shows a CA that its pairing server has not proven; it is left out\n/)
  const files = filesIn(out)
  t.match(parse(files.get('/etc/joinery/agent.yaml') ?? ''), { server: 'https://127.0.0.1:7443', pin: pairing.pin })
  const { certificateAuthority, ...install } = JSON.parse(files.get('/etc/joinery/install.json') ?? '')
  t.same(install, { url: `https://127.0.0.1:7443/install/sha256/${aPackage.sha256}.deb`, ...aPackage })
  t.same(certificateAuthority.trim(), (await readFile(`${pairing.config.state}/ca.crt`, 'utf8')).trim())
  t.equal(front.codes.size, 1)
})

t.test(
  'the editor of the namespace, or the token of the account, writes all fields: the user-data is the same',
  async (t) => {
    const { joinery, show, sign, install } = await open(t)
    const userData = async () => {
      const { exitCode, out, err } = await joinery(...cloudInit)
      t.equal(exitCode, 0, err)
      // each one has a code of its own
      return [...filesIn(out)].filter(([path]) => path !== '/etc/joinery/code')
    }
    const before = await userData()
    const signed = await sign()
    const wrong: Partial<Record<keyof InstallationView, unknown>> = {
      server: thief.server,
      servers: [thief.server],
      nextPin: `sha256:${'f'.repeat(64)}`,
      certificateAuthority: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      apiEndpoint: thief.apiEndpoint,
      package: { sha256: thief.hash, size: 1 },
      version: '9.9.9',
      observedGeneration: 7,
      conditions: [],
      signedNextPin: signed.statement
    }
    const trusted = ['statement', 'pin']
    t.same(
      Object.keys(wrong).sort(),
      Object.keys({ ...signed, ...wrong })
        .filter((key) => !trusted.includes(key))
        .sort()
    )
    for (const [field, value] of Object.entries(wrong)) {
      await show({ [field]: value })
      t.same(await userData(), before, field)
    }
    install({ ...signed, pin: `sha256:${'f'.repeat(64)}` })
    t.same(await userData(), before, 'a pin that the cluster shows is not that of the operator')
  }
)

t.test('a new laptop without a pin makes no user-data and no code', async (t) => {
  const { front, pairing, bare, other, laptop } = await open(t)
  const remedy =
    "on the host of the pairing server: sudo joinery status -o jsonpath='export JOINERY_PIN={.agents.pin}'; paste here what it prints"
  const refused = `error: nobody has named the pin of this pairing server here, and a first look proves nothing\nremedy: ${remedy}\n`
  front.template('edge', { role: 'worker' })
  const all = [
    cloudInit,
    ['code', 'create'],
    ['code', 'create', '--cloud-init'],
    ['code', 'create', '--template', 'edge']
  ]
  t.equal((await bare(['list'])).exitCode, 0, 'a reading command goes on')
  for (const words of all) {
    const { exitCode, out, err } = await bare(words)
    t.same([exitCode, out], [2, ''], words.join(' '))
    t.ok(err.endsWith(refused), err)
    t.match(await bare(words, { state: undefined } as object), { exitCode: 2 }, 'also if nothing is remembered')
  }
  t.equal(written(front).length, 0)
  const [, there = ''] = / -o '?(jsonpath=[^;]*)'; /.exec(remedy.replace("jsonpath='", "'jsonpath=")) ?? []
  const told = await runWith(['--socket', pairing.config.operators.socket, 'status', '-o', there])
  t.equal(told.out, `export JOINERY_PIN=${pairing.pin}`, 'the line of the remedy')
  const project = join(laptop, '.joinery.yaml')
  writeFileSync(project, `pin: ${pairing.pin}\n`)
  t.match(await bare(cloudInit, { state: other(), project }), { exitCode: 0 }, 'a file of the project')
  t.match(await bare(cloudInit, { state: other(), pin: pairing.pin }), { exitCode: 0 }, 'JOINERY_PIN')
  t.match(await bare(['--pin', pairing.pin, 'list']), { exitCode: 0 })
  t.match(await bare(cloudInit), { exitCode: 0 }, 'a pin that was named once, also for a reading command')
})

t.test('a person at a terminal types the pin that the host shows, once', async (t) => {
  const { front, pairing, bare, kept, other } = await open(t)
  const asked: string[] = []
  const types = (answer: string): Partial<Terminal> => ({
    ask: async (question) => {
      asked.push(question)
      return answer
    }
  })
  const digits = pairing.pin.slice('sha256:'.length)
  t.match(await bare(cloudInit, types('')), { exitCode: 1, out: '', err: /that is no pin/ })
  t.match(await bare(cloudInit, types(digits.slice(0, 19))), { exitCode: 1, out: '' }, 'below 80 bits')
  const wrong = await bare(cloudInit, types('f'.repeat(20)))
  t.match(wrong, { exitCode: 6, out: '', err: /the cluster shows the pin .*, and not the one that was typed/ })
  t.equal(written(front).length, 0)
  t.notMatch(asked.join(), digits.slice(0, 8), 'the question does not tell the answer')
  t.match(await bare(cloudInit, types(digits.slice(0, 20))), { exitCode: 0 })
  t.match(kept(), { pin: pairing.pin, named: true })
  const before = asked.length
  t.match(await bare(cloudInit, types('')), { exitCode: 0 })
  t.equal(asked.length, before, 'and is not asked again')
  t.match(await bare([...cloudInit, '--no-input'], { ...types(digits), state: other() }), { exitCode: 2 })
})

t.test('somebody took the statement away, or the server is older', async (t) => {
  const { front, joinery, show } = await open(t)
  await show({ statement: undefined } as object)
  t.match(await joinery('list'), { exitCode: 0 })
  for (const words of [cloudInit, ['code', 'create']]) {
    t.match(await joinery(...words), {
      exitCode: 6,
      out: '',
      err: /^error: the cluster shows no statement of the pairing server: .*\nremedy: on its host, .*: joinery-server setup --kubeconfig \/etc\/kubernetes\/admin\.conf\n$/
    })
  }
  t.equal(written(front).length, 0)
})

t.test("a statement of yesterday to a laptop that saw today's", async (t) => {
  const { front, bare, pairing, show, kept, other } = await open(t)
  const named = { pin: pairing.pin }
  const older = {
    exitCode: 6,
    out: '',
    err: /^error: the cluster shows an older statement, of \S+\nremedy: compare with sudo joinery status /
  }
  const ago = (milliseconds: number) => ({ issued: second(new Date(Date.now() - milliseconds)) })
  await show({}, ago(day - minute))
  t.match(await bare(cloudInit, named), { exitCode: 0 }, 'one of this day counts')
  await show({}, ago(day + minute))
  t.match(await bare(cloudInit, named), older, 'one of the day before does not')
  await show({}, ago(minute))
  t.match(await bare(cloudInit, named), { exitCode: 0 })
  const { issued } = kept()
  await show({}, ago(9 * minute))
  t.match(await bare(cloudInit, named), { exitCode: 0 }, 'clocks of two servers differ')
  t.equal(kept().issued, issued, 'the newest one stays')
  await show({}, ago(12 * minute))
  t.match(await bare(cloudInit, named), older)
  t.match(await bare(cloudInit), older)
  t.match(await bare(cloudInit, { ...named, state: other() }), { exitCode: 0 }, 'another laptop')
  const made = written(front).length
  await show({}, ago(-9 * minute))
  t.match(await bare(cloudInit, named), { exitCode: 0 })
  await show({}, ago(-11 * minute))
  t.match(await bare(cloudInit, named), {
    exitCode: 6,
    out: '',
    err: /^error: the statement is of .*\nremedy: compare the clock /
  })
  await show({}, { issued: '2099-99-99T99:99:99Z' })
  t.match(await bare(cloudInit, named), { exitCode: 6, out: '' }, 'a time that is none')
  t.equal(written(front).length, made + 1)
})

t.test('the time is that of the laptop, and not the one that the API server tells', async (t) => {
  const { bare, pairing } = await open(t)
  const later = { pin: pairing.pin, now: () => new Date(Date.now() + day + minute) }
  t.match(await bare(cloudInit, later), { exitCode: 6, out: '', err: /the cluster shows an older statement/ })
  const far = { pin: pairing.pin, now: () => new Date(Date.now() + 9_999 * day) }
  t.match(await bare(cloudInit, far), { exitCode: 6, out: '', err: /its server certificate is valid from / })
})

t.test('a statement of another key, of another cluster, or that somebody changed, is refused', async (t) => {
  const { front, joinery, sign, show, pairing } = await open(t)
  const theirs = await anAuthority()
  const leaf = readKeyPair(makeKey())
  const certificate = await makeLeaf(theirs, leaf, ['127.0.0.1'], new Date())
  const signer = { key: leaf.privateKey, certificate, authority: theirs.certificate }
  const stolen = await sign({ server: thief.server }, Promise.resolve(signer))
  const [header, , signature] = (await sign()).statement?.split('.') ?? []
  const payload = stolen.statement?.split('.')[1]
  const rows: [Partial<InstallationView>, RegExp][] = [
    [{ ...stolen, certificateAuthority: theirs.certificate }, /does not hold: it is by the CA with key/],
    [
      { ...stolen, pin: theirs.pin, certificateAuthority: theirs.certificate },
      /does not hold: it is by the CA with key/
    ],
    [{ statement: `${header}.${payload}.${signature}` }, /does not hold: /]
  ]
  for (const [differs, why] of rows) {
    await show(differs)
    t.match(await joinery(...cloudInit), { exitCode: 6, out: '', err: why })
  }
  await show({}, { cluster: '00000000-0000-4000-8000-000000000009' })
  t.match(await joinery(...cloudInit), { exitCode: 6, out: '', err: /the statement is for the cluster 0{8}-/ })
  front.fault({ request: /namespaces\/kube-system/, answer: { status: 403, message: 'no' } })
  t.match(await joinery(...cloudInit), { exitCode: 0 }, 'who may not read the uid has the pin')
  t.match(await joinery(...cloudInit, '--pin', theirs.pin), { exitCode: 6, out: '', err: /not sha256:/ })
  await show({ pin: theirs.pin })
  t.match(await joinery(...cloudInit, '--pin', theirs.pin), {
    exitCode: 6,
    out: '',
    err: new RegExp(`by the CA with key ${pairing.pin}.*\nremedy: compare --pin with sudo joinery status`)
  })
})

t.test('the next pin is in user-data only if the CA of the present one has signed it', async (t) => {
  const { bare, pairing, show, keys, kept, sign, install, other } = await open(t)
  const [next, stranger] = [await anAuthority(), await anAuthority()]
  const old = await readFile(join(keys, 'ca.crt'), 'utf8')
  const both = { nextPin: next.pin, certificateAuthority: `${old}${next.certificate}` }
  const named = { pin: pairing.pin }
  const trusted = async (terminal: Partial<Terminal> = {}) => {
    const { exitCode, out, err } = await bare(['code', 'create', '-o', 'json'], terminal)
    t.equal(exitCode, 0, err)
    const { pin, nextPin, certificateAuthority } = JSON.parse(out).install
    const pems = certificateAuthority.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----\n/g)
    return [pin, nextPin, pems.map((pem: string) => pem.trim())]
  }
  await show(both)
  t.same(await trusted(named), [pairing.pin, undefined, [old.trim()]], 'announced, and not signed')
  const signedNextPin = await nextPinBy(keys, next.pin)
  await show({ ...both, certificateAuthority: `${both.certificateAuthority}${stranger.certificate}`, signedNextPin })
  t.same(await trusted(), [pairing.pin, next.pin, [old.trim(), next.certificate.trim()]])
  t.match(kept(), { pin: pairing.pin, proven: next.pin, named: true })
  // the servers have their new leaves
  const leaf = readKeyPair(makeKey())
  const certificate = await makeLeaf(next, leaf, ['127.0.0.1'], new Date())
  const flipped = await sign({}, Promise.resolve({ key: leaf.privateKey, certificate, authority: next.certificate }))
  install({ ...flipped, ...both, signedNextPin })
  t.same(await trusted(), [pairing.pin, next.pin, [next.certificate.trim(), old.trim()]])
  t.same(await trusted({ ...named, state: other() }), [pairing.pin, next.pin, [next.certificate.trim(), old.trim()]])
  // joinery-server rotate-ca --finish
  install({ ...flipped, pin: next.pin, certificateAuthority: next.certificate })
  t.match(await bare(cloudInit, { ...named, state: other() }), { exitCode: 6 }, 'a new laptop has the old pin')
  t.same(await trusted(), [next.pin, undefined, [next.certificate.trim()]], 'a laptop follows what it saw signed')
  t.match(kept(), { pin: next.pin, proven: undefined, named: true })
})

t.test('what was named once is replaced by what is typed alone', async (t) => {
  const { bare, pairing, show, sign, install, kept, other } = await open(t)
  t.match(await bare(['--pin', pairing.pin, 'list']), { exitCode: 0 })
  const anew = await anAuthority()
  const leaf = readKeyPair(makeKey())
  const certificate = await makeLeaf(anew, leaf, ['127.0.0.1'], new Date())
  const signed = await sign({}, Promise.resolve({ key: leaf.privateKey, certificate, authority: anew.certificate }))
  install({ ...signed, pin: anew.pin, certificateAuthority: anew.certificate })
  const words = [pairing.pin, anew.pin]
  const refused = await bare(cloudInit, { pin: anew.pin })
  t.match(refused, { exitCode: 6, out: '' })
  t.match(refused.err, `error: JOINERY_PIN names the pin ${words[1]}, and this cluster had ${words[0]} until now\n`)
  t.match(await bare(cloudInit), { exitCode: 6, out: '', err: /somebody may stand in its place/ })
  t.match(await bare([...cloudInit, '--pin', anew.pin]), { exitCode: 0 })
  t.match(kept(), { pin: anew.pin, named: true })
  // a pin that nobody named gives way to one that somebody names
  const state = other()
  await bare(['list'], { state })
  await show()
  t.match(await bare(cloudInit, { state, pin: pairing.pin }), { exitCode: 0 })
})

t.test('another cluster behind a context, or behind the CA of an API server, is said and refused', async (t) => {
  const { bare, pairing, show, front, kept } = await open(t)
  t.match(await bare(cloudInit, { pin: pairing.pin }), { exitCode: 0 })
  const { objects } = pairing.cluster.fake
  const kubeSystem = objects.delete(namespaces, 'kube-system')
  const uid = '00000000-0000-4000-8000-000000000009'
  objects.putBack(namespaces, { ...kubeSystem, metadata: { ...kubeSystem.metadata, uid } })
  await show()
  const elsewhere = /this context, or the CA of its API server, belonged to another cluster until now/
  t.match(await bare(['list']), { exitCode: 0, err: elsewhere })
  for (const named of [{}, { pin: pairing.pin }])
    t.match(await bare(cloudInit, named), { exitCode: 6, out: '', err: elsewhere })
  front.fault({ request: /namespaces\/kube-system/, answer: { status: 403, message: 'no' } })
  t.match(await bare(cloudInit), { exitCode: 6, out: '', err: elsewhere }, 'a uid that is not told is another one')
  // another user is another context, before the same CA
  t.match(await bare(['--kubeconfig', await front.kubeconfig('bob'), ...cloudInit]), { exitCode: 6, err: elsewhere })
  t.equal(kept(), undefined)
  t.match(await bare([...cloudInit, '--pin', pairing.pin]), { exitCode: 0 })
  t.match(await bare(cloudInit), { exitCode: 0 })
})

t.test('a broken file of pins stops what makes user-data or a code, and nothing else', async (t) => {
  const { bare, pairing, laptop } = await open(t)
  const file = join(laptop, 'pins.json')
  writeFileSync(file, '{ broken')
  const cause = `the pin of this cluster cannot be compared: ${file} is broken`
  t.match(await bare(['list']), { exitCode: 0, err: new RegExp(`Warning: ${cause}\n`) })
  for (const named of [{}, { pin: pairing.pin }]) {
    for (const words of [cloudInit, ['code', 'create'], ['code', 'create', '--pin', pairing.pin]]) {
      const ran = await bare(words, named)
      t.match(ran, { exitCode: 6, out: '' })
      t.ok(ran.err.endsWith(`error: ${cause}\nremedy: look at the file, or forget all pins: rm ${file}\n`), ran.err)
    }
  }
  t.equal(readFileSync(file, 'utf8'), '{ broken')
  const nowhere = join(file, 'joinery')
  t.match(await bare(cloudInit, { state: nowhere, pin: pairing.pin }), {
    exitCode: 0,
    err: /Warning: the pin of this cluster cannot be kept: /
  })
  t.notOk(existsSync(nowhere))
})

t.test("a project's file, and JOINERY_PIN, name a pin or nothing goes on", async (t) => {
  const { front, bare, pairing, laptop } = await open(t)
  const project = join(laptop, '.joinery.yaml')
  for (const [text, why] of [
    ['', /names no pin/],
    ['pin: sha256:aa\n', /names no pin: pin: /],
    [`pins: ${pairing.pin}\n`, /names no pin/],
    ['{', /names no pin/]
  ] as const) {
    writeFileSync(project, text)
    t.match(await bare(cloudInit, { project }), { exitCode: 2, out: '', err: why }, text)
    t.match(await bare(['list'], { project }), { exitCode: 0 }, 'a reading command does not look at it')
  }
  t.match(await bare(cloudInit, { project: laptop }), { exitCode: 2, err: /cannot read/ })
  t.match(await bare(cloudInit, { pin: 'sha256:aa', project }), {
    exitCode: 2,
    err: /the pin of JOINERY_PIN is not a whole one/
  })
  writeFileSync(project, `pin: sha256:${'f'.repeat(64)}\n`)
  t.match(await bare(cloudInit, { project }), {
    exitCode: 6,
    out: '',
    err: /remedy: compare \S+\.joinery\.yaml with sudo joinery status/
  })
  t.match(await bare(cloudInit, { project, pin: pairing.pin }), { exitCode: 0 }, 'the environment goes before')
  t.equal(front.codes.size, 1)
})
