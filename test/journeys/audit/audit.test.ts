import { createPrivateKey } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runWith } from '@joinery/testing/command/operators'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, enrolled } from '@joinery/testing/pairing/steps'
import { appendLeaves, emptyTree, openLog, readCheckpoint, rootOfTree, signCheckpoint } from '@joinery/tlog'
import t, { type Test } from 'tap'

const alice = { operator: 'alice (uid 1000)' }

/** Runs the command on the host of the server, as alice. */
const joinery = ({ config }: Pairing, ...words: string[]) =>
  runWith(['--socket', config.operators.socket, ...words], alice)

/** A pairing in which one machine came in and another did not, and a copy of its audit log with the key. */
const withCopy = async (t: Test) => {
  const pairing = await openPairing(t)
  await ready(pairing, 'worker-1')
  await enrolled(pairing, 'worker-2')
  t.equal((await joinery(pairing, 'reject', 'worker-2', '--reason', 'not ours')).exitCode, 0)
  const folder = t.testdir({})
  const [key, copy] = [(await joinery(pairing, 'audit', 'key')).out.trim(), join(folder, 'copy')]
  await mkdir(copy)
  const { exitCode, err } = await joinery(pairing, 'audit', 'export', '--to', copy)
  t.equal(exitCode, 0, err)
  const log = join(copy, '2026')
  /** Verifies without any server. */
  const verify = (...more: string[]) => runWith(['audit', 'verify', '--dir', copy, '--key', key, ...more])
  return { pairing, folder, key, copy, log, verify }
}

/** Leaves of a copy, and its note. */
const leavesOf = async (log: string): Promise<{ note: string; leaves: Uint8Array[] }> => {
  const note = await readFile(join(log, 'checkpoint'), 'utf8')
  const opened = await openLog((path) => readFile(join(log, path)), readCheckpoint(`${note.split('\n\n')[0]}\n`))
  const leaves: Uint8Array[] = []
  for await (const { leaf } of opened.entries()) leaves.push(leaf)
  return { note, leaves }
}

/** Writes a copy anew with these leaves: signed by the key, or with the note that was there. */
const rewrite = async (log: string, leaves: readonly Uint8Array[], by?: { pairing: Pairing; origin: string }) => {
  const note = await readFile(join(log, 'checkpoint'), 'utf8')
  const { tree, writes } = appendLeaves(emptyTree, leaves)
  await rm(join(log, 'tile'), { recursive: true })
  for (const { path, bytes } of writes) {
    await mkdir(join(log, path, '..'), { recursive: true })
    await writeFile(join(log, path), bytes)
  }
  if (by === undefined) return
  const pem = await readFile(join(by.pairing.config.state, 'audit.key'), 'utf8')
  const [origin = ''] = note.split('\n')
  const checkpoint = { origin, size: tree.size, root: rootOfTree(tree), extensions: [] }
  await writeFile(join(log, 'checkpoint'), signCheckpoint(createPrivateKey(pem), checkpoint))
}

t.test('the log has who let each machine in, and its copy verifies with the public key alone', async (t) => {
  const { pairing, verify } = await withCopy(t)
  const { out } = await joinery(pairing, 'audit', 'list', '--subject', 'worker-1', '-o', 'json')
  const events = JSON.parse(out).items.map((one: { leaf: { event: string } }) => one.leaf.event)
  for (const event of [
    'create',
    'enrol',
    'approve',
    'claim',
    'csr-approved',
    'certificate-issued',
    'register',
    'become-ready'
  ]) {
    t.ok(events.includes(event), event)
  }
  const rejected = await joinery(pairing, 'audit', 'list', '--event', 'reject', '--by', 'alice')
  t.match(rejected.out, /reject +worker-2 +operator +alice \(uid 1000\) +not ours/)
  t.match(await verify(), { exitCode: 0, out: /^2026: \d+ leaves, all as they were signed\n$/ })
  const here = await joinery(pairing, 'audit', 'verify')
  t.match(here, { exitCode: 0, err: /The key is the one that the server says/ })
  const status = await joinery(pairing, 'status')
  t.match(status.out, /Audit log: +2026, \d+ leaves\n/)
})

t.test('a leaf that was changed, removed or swapped, and a tail that was rewritten, are found', async (t) => {
  const { pairing, copy, log, folder, verify } = await withCopy(t)
  const { leaves, note } = await leavesOf(log)
  const origin = note.split('\n')[0] ?? ''
  const at = leaves.findIndex((leaf) => Buffer.from(leaf).includes('"reject"'))
  const bundle = join(log, `tile/entries/000.p/${leaves.length}`)
  const lie = Buffer.from(
    Buffer.from(leaves[at] ?? [])
      .toString()
      .replace('alice', 'mallo')
  )
  const changed = leaves.map((leaf, index) => (index === at ? lie : leaf))
  const swapped = leaves.map((leaf, index) => leaves[index === 1 ? 2 : index === 2 ? 1 : index] ?? leaf)
  const without = leaves.filter((_, index) => index !== at)
  const packed = (of: readonly Uint8Array[]) =>
    Buffer.concat(of.flatMap((leaf) => [Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leaf]))
  const rows: [string, RegExp, () => Promise<unknown>][] = [
    ['changed', /leaf-changed: leaf \d+/, () => writeFile(bundle, packed(changed))],
    ['removed', /leaf-removed: leaf \d+/, () => writeFile(bundle, packed(without))],
    ['swapped', /leaf-moved: .*leaf 1/, () => writeFile(bundle, packed(swapped))],
    ['changed, with all tiles made anew', /root-differs/, () => rewrite(log, changed)],
    ['removed, with all tiles made anew', /(root-differs|tile-missing|entries-missing)/, () => rewrite(log, without)],
    [
      'a checkpoint that is not signed',
      /(note|signature|checkpoint)-/,
      () => writeFile(join(log, 'checkpoint'), note.replace(/\n\d+\n/, '\n1\n'))
    ]
  ]
  await cp(copy, join(folder, 'before'), { recursive: true })
  for (const [what, said, tamper] of rows) {
    await tamper()
    const { exitCode, out } = await verify()
    t.equal(exitCode, 7, what)
    t.match(out, said, what)
    await rm(copy, { recursive: true })
    await cp(join(folder, 'before'), copy, { recursive: true })
  }
  // whoever has the key signs what they like: only a checkpoint that was kept elsewhere shows it
  const kept = join(folder, 'kept')
  await writeFile(kept, note)
  await rewrite(log, [...changed, ...leaves.slice(0, 3)], { pairing, origin })
  t.equal((await verify()).exitCode, 0, 'rewritten and signed')
  t.match(await verify('--checkpoint', kept), { exitCode: 7, out: /rewritten: .*kept/ })
  await rewrite(log, leaves.slice(0, at), { pairing, origin })
  t.equal((await verify()).exitCode, 0, 'cut and signed')
  t.match(await verify('--checkpoint', kept), { exitCode: 7, out: /tail-cut: .*kept/ })
})

t.test('a checkpoint that was kept as a line of syslog counts, among any others', async (t) => {
  const { folder, log, verify } = await withCopy(t)
  const { note } = await leavesOf(log)
  const file = join(folder, 'syslog')
  await writeFile(file, `Jan 1 host sshd: hello\nJan 1 host joinery-audit: checkpoint ${JSON.stringify(note)}\n`)
  t.equal((await verify('--checkpoint', file)).exitCode, 0)
  await writeFile(file, `checkpoint ${JSON.stringify(note.replace('/2026\n', '/2025\n'))}\n`)
  t.match(await verify('--checkpoint', file), { exitCode: 7, out: /log-missing: / })
  await writeFile(file, 'nothing')
  t.equal((await verify('--checkpoint', file)).exitCode, 2)
})

t.test('a Node is traced to the person who let it in, by a proof that needs only the key', async (t) => {
  const { pairing, key, copy, folder } = await withCopy(t)
  const file = join(folder, 'worker-1.proof')
  const { out, err, exitCode } = await joinery(
    pairing,
    'audit',
    'prove',
    '--node',
    'worker-1',
    '--to',
    file,
    '-o',
    'json'
  )
  t.equal(exitCode, 0, err)
  const { items, missing } = JSON.parse(out)
  t.same(missing, [])
  const of = (event: string) => items.find((one: { leaf: { event: string } }) => one.leaf.event === event)?.leaf
  const shown = await pairing.operator.show('worker-1')
  t.match(of('create'), { subject: shown.code, actor: 'operator' })
  t.match(of('approve'), { fields: { key: shown.key, revision: shown.approved?.revision } })
  t.match(of('claim'), { fields: { token: shown.attempts[0]?.tokenId } })
  t.match(of('certificate-issued'), { fields: { serial: shown.attempts[0]?.certificateSerial } })
  t.match(of('become-ready'), { fields: { node: shown.node?.uid, confirmed: true } })
  const verified = await runWith(['audit', 'verify', '--proof', file, '--key', key])
  t.match(verified, { exitCode: 0, err: `${items.length} leaves are in the log` })
  t.match(verified.out, shown.node?.uid ?? 'no uid')
  const text = await readFile(file, 'utf8')
  const leaf = Buffer.from(items[0].text)
  const lie = Buffer.from(items[0].text.replace(/"time":"2026/, '"time":"2025'))
  await writeFile(file, text.replace(leaf.toString('base64'), lie.toString('base64')))
  t.match(await runWith(['audit', 'verify', '--proof', file, '--key', key]), { exitCode: 7, err: /does not show/ })
  const offline = await runWith(['audit', 'prove', '--node', 'worker-1', '--dir', copy, '--key', key, '-o', 'json'])
  t.equal(offline.exitCode, 0, offline.err)
  t.same(
    JSON.parse(offline.out).items.map(({ text }: { text: string }) => text),
    items.map(({ text }: { text: string }) => text)
  )
  t.equal((await joinery(pairing, 'audit', 'prove', '--node', 'nobody')).exitCode, 3)
  t.equal((await joinery(pairing, 'audit', 'prove', '0')).exitCode, 0)
  t.equal((await joinery(pairing, 'audit', 'prove')).exitCode, 2)
})

t.test('no secret is in any file of the log', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const machine = await pairing.machine()
  await machine.enrol(code)
  await approve(pairing, 'worker-1')
  const { token } = await claimToken(machine)
  const output = [`kubeadm join --token ${token}`]
  await machine.server.outcome({ outcome: 'failed', attempt: 1, class: 'machine', stage: '', output })
  const folder = t.testdir({})
  await joinery(pairing, 'audit', 'export', '--to', folder)
  const { leaves } = await leavesOf(join(folder, '2026'))
  const all = Buffer.concat(leaves).toString()
  t.match(all, '"event":"fail"')
  t.match(all, token.split('.')[0] ?? '', 'the id of the token is there')
  const key = (await readFile(join(pairing.config.state, 'audit.key'), 'utf8')).split('\n')[1] ?? 'no key'
  for (const secret of [code, code.slice(4), token, token.split('.')[1] ?? '', key]) t.notMatch(all, secret)
})

t.test('a copy grows by what is new, and a log that was cut does not replace a longer copy', async (t) => {
  const { pairing, copy, log, verify } = await withCopy(t)
  const before = (await leavesOf(log)).leaves.length
  await enrolled(pairing, 'worker-3')
  t.equal((await joinery(pairing, 'audit', 'export', '--to', copy)).exitCode, 0)
  t.ok((await leavesOf(log)).leaves.length > before)
  t.equal((await verify()).exitCode, 0)
  const longer = await leavesOf(log)
  await rewrite(log, [...longer.leaves, ...longer.leaves], { pairing, origin: '' })
  t.match(await joinery(pairing, 'audit', 'export', '--to', copy), { exitCode: 6, err: /the log was cut/ })
})

/** A copy of a log of so many leaves, which the server's own key signed in its folder. */
const withLeaves = async (t: Test, count: number) => {
  const { pairing, copy, log, verify } = await withCopy(t)
  const { leaves: first } = await leavesOf(log)
  const own = join(pairing.config.state, 'audit', '2026')
  const leaves = [...first, ...Array.from({ length: count - first.length }, (_, n) => Buffer.from(`{"n":${n}}`))]
  const sign = (changed: readonly Uint8Array[]) => rewrite(own, changed, { pairing, origin: '' })
  await sign(leaves)
  const exported = () => joinery(pairing, 'audit', 'export', '--to', copy)
  t.match(await exported(), { exitCode: 0 })
  t.equal((await leavesOf(log)).leaves.length, count)
  return { pairing, copy, log, verify, leaves, sign, exported }
}

/** Every file of a folder with its content. */
const filesIn = async (folder: string): Promise<Map<string, string>> => {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort()
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')] as const)))
}

for (const count of [100, 256, 300]) {
  t.test(`C7: a log of ${count} leaves that was made anew does not replace its copy`, async (t) => {
    const { log, verify, leaves, sign, exported } = await withLeaves(t, count)
    const before = await filesIn(log)
    const other = leaves.with(5, Buffer.from('{"forged":true}'))
    for (const [more, code] of [
      [other, 'rewritten'],
      [[...other, ...leaves], 'rewritten'],
      [leaves.slice(0, -1), 'tail-cut']
    ] as const) {
      await sign(more)
      const { exitCode, err } = await exported()
      t.equal(exitCode, 6, err)
      t.match(err, new RegExp(`error: ${code}: `))
      t.match(err, `keep ${log} as it is`)
      t.same(await filesIn(log), before, 'nothing of the copy is another one')
    }
    await sign([...leaves, ...leaves])
    t.match(await exported(), { exitCode: 0 })
    t.match(await verify('--log', '2026'), { exitCode: 0 })
    const kept = await readFile(join(log, 'checkpoints'), 'utf8')
    t.match(kept, JSON.stringify(before.get(join(log, 'checkpoint'))).slice(1, 40), 'the older checkpoint stays beside')
  })
}

t.test('C7: a copy whose log was made anew since an older export is told by the checkpoint that stayed', async (t) => {
  const { pairing, log, verify, leaves, sign, exported } = await withLeaves(t, 100)
  await sign([...leaves, ...leaves])
  t.match(await exported(), { exitCode: 0 })
  await rewrite(log, [...leaves.with(5, Buffer.from('{"forged":true}')), ...leaves], { pairing, origin: '' })
  t.match(await verify('--log', '2026'), { exitCode: 7, out: /rewritten/ })
})

t.test('C7: a server that signs one tree and shows other leaves replaces no copy', async (t) => {
  const { pairing, log, leaves, sign, exported } = await withLeaves(t, 100)
  const before = await filesIn(log)
  await sign([...leaves, Buffer.from('{}')])
  const own = join(pairing.config.state, 'audit', '2026')
  const { writes } = appendLeaves(emptyTree, [...leaves.with(5, Buffer.from('{"forged":true}')), Buffer.from('{}')])
  const entries = writes.find(({ path }) => path.includes('entries'))
  await writeFile(join(own, entries?.path ?? ''), entries?.bytes ?? '')
  t.match(await exported(), { exitCode: 6, err: /leaf-changed: / })
  t.same(await filesIn(log), before)
})

t.test('follow prints what is new, and goes on behind the last leaf that was read', async (t) => {
  const { pairing } = await withCopy(t)
  const follow = async (looks: number, ...words: string[]) => {
    let left = looks
    const pause = async () => {
      left -= 1
      if (left === 0) throw new Error('interrupted')
      if (left === looks - 1) await enrolled(pairing, `worker-${words.length + 5}`)
    }
    let out = ''
    const terminal = {
      ...alice,
      pause,
      out: (text: string) => {
        out += text
      }
    }
    await t.rejects(runWith(['--socket', pairing.config.operators.socket, 'audit', 'follow', ...words], terminal), {
      message: 'interrupted'
    })
    return out
  }
  const lines = (await follow(3, '-o', 'json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.ok(lines.some(({ leaf }) => leaf.event === 'enrol' && leaf.fields.name === 'worker-7'))
  const last = lines.at(-1)
  const next = (await follow(3, '-o', 'json', '--after', `${last.index}`))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.equal(next[0].index, last.index + 1)
})

t.test('who reads over the socket is in the log, once an hour', async (t) => {
  const pairing = await openPairing(t)
  for (let read = 0; read < 3; read += 1) await joinery(pairing, 'list')
  pairing.clock.advance(3_600_000)
  await joinery(pairing, 'list')
  await joinery(pairing, 'list')
  const { out } = await joinery(pairing, 'audit', 'list', '--event', 'read', '-o', 'json')
  const own = JSON.parse(out).items.filter((one: { leaf: { by?: string } }) => one.leaf.by === alice.operator)
  t.equal(own.length, 2)
})
