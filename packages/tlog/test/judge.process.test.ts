import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buildXMod, type Request } from '@joinery/testing/judges/x-mod'
import { needs } from '@joinery/testing/processes/needs'
import t from 'tap'
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  openLog,
  readVerifierKey,
  rootAt,
  signCheckpoint,
  signerKey,
  verifierKey,
  verifyLog,
  verifyNote
} from '../src/index.ts'
import { flipped, key, leafAt, leavesUpTo, MadeLog, makeLog, origin, privateKey } from './made-log.ts'

// Go compiles its standard library if it has not done so before
t.setTimeout(240_000)

const skip = needs('go')

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

t.test('logs are judged by an implementation that is not ours', { skip }, async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'joinery-judge-'))
  t.teardown(() => rm(place, { recursive: true }))
  const judge = await buildXMod(place)

  let folders = 0
  /** Writes a log into a folder of its own. */
  const write = async (log: MadeLog, checkpoint = log.checkpoint): Promise<string> => {
    folders += 1
    const folder = join(place, String(folders))
    for (const [path, bytes] of [...log.files, ['checkpoint', Buffer.from(checkpoint)] as const]) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), bytes)
    }
    return folder
  }

  await t.test('it takes every log that is whole, with the same proofs', async (t) => {
    const sizes = [1, 2, 255, 256, 257, 600, 65_537]
    const requests: Required<Omit<Request, 'sign'>>[] = []
    for (const size of sizes) {
      const made = makeLog(size)
      const log = await openLog(made.read, made.head)
      const inclusion = []
      const consistency = []
      for (const index of new Set([0, Math.floor(size / 3), Math.floor(size / 2), size - 1])) {
        const proof = await inclusionProof(log, index)
        inclusion.push({ index, leaf: base64(leafHash(leafAt(index))), proof: proof.map(base64) })
        const first = index + 1
        const shown = await consistencyProof(log, first)
        consistency.push({ first, root: base64(await rootAt(log, first)), proof: shown.map(base64) })
      }
      requests.push({ folder: await write(made), key, inclusion, consistency })
    }
    for (const [at, answer] of (await judge(requests)).entries()) {
      const asked = requests[at]
      t.match(answer, { refused: '', leaves: sizes[at] })
      for (const which of ['inclusion', 'consistency'] as const) {
        t.same(
          answer[which],
          asked?.[which].map(({ proof }) => ({ refused: '', proof })),
          `${which} in ${sizes[at]} leaves`
        )
      }
    }
  })

  await t.test('it refuses what we refuse', async (t) => {
    const whole = makeLog(600)
    const { checkpoint } = whole
    const bundle = 'tile/entries/001'
    const tampered: [name: string, log: MadeLog, checkpoint: string][] = [
      ['a leaf that is changed', whole.copy().change(bundle, (bytes) => flipped(bytes, 8 * 5)), checkpoint],
      [
        'a bundle of another place',
        whole.copy().change(bundle, () => whole.files.get('tile/entries/000') ?? Buffer.of()),
        checkpoint
      ],
      ['a bundle that is gone', whole.copy().remove(bundle), checkpoint],
      [
        'a leaf that is cut off',
        whole.copy().change('tile/entries/002.p/88', (bytes) => bytes.subarray(0, -10)),
        checkpoint
      ],
      [
        'a leaf more',
        whole.copy().change('tile/entries/002.p/88', (bytes) => Buffer.concat([bytes, Buffer.of(0, 0)])),
        checkpoint
      ],
      ['a tile', whole.copy().change('tile/0/001', (bytes) => flipped(bytes, 77)), checkpoint],
      ['the last tile', whole.copy().change('tile/0/002.p/88', (bytes) => flipped(bytes, 77)), checkpoint],
      ['the tile above', whole.copy().change('tile/1/000.p/2', (bytes) => flipped(bytes, 77)), checkpoint],
      ['a tile that is gone', whole.copy().remove('tile/0/001'), checkpoint],
      ['another log', new MadeLog().append(leavesUpTo(600).with(7, Buffer.from('other'))), checkpoint],
      ['another size', whole, checkpoint.replace('\n600\n', '\n599\n')],
      [
        'another root',
        whole,
        signCheckpoint(privateKey, { origin, size: 600, root: makeLog(1).head.root, extensions: [] })
      ],
      [
        'a checkpoint of another name',
        whole,
        signCheckpoint(privateKey, { origin: 'example.com/other', ...whole.head, extensions: [] })
      ]
    ]
    const requests = await Promise.all(tampered.map(async ([, log, note]) => ({ folder: await write(log, note), key })))
    const answers = await judge(requests)
    for (const [at, [name, log, note]] of tampered.entries()) {
      t.not(answers[at]?.refused, '', name)
      const { findings } = await verifyLog({ read: log.read, key, checkpoint: note })
      t.not(findings.length, 0, name)
    }
  })

  await t.test('it refuses a proof that is not the right one', async (t) => {
    const made = makeLog(300)
    const log = await openLog(made.read, made.head)
    const [proof, shown] = [await inclusionProof(log, 17), await consistencyProof(log, 200)]
    const wrong = (hashes: readonly Uint8Array[]) => hashes.with(1, flipped(hashes[1] ?? Buffer.of(), 9)).map(base64)
    const [leaf, root] = [base64(leafHash(leafAt(17))), base64(await rootAt(log, 200))]
    const [answer] = await judge([
      {
        folder: await write(made),
        key,
        inclusion: [
          { index: 17, leaf, proof: wrong(proof) },
          { index: 18, leaf, proof: proof.map(base64) }
        ],
        consistency: [
          { first: 200, root, proof: wrong(shown) },
          { first: 199, root, proof: shown.map(base64) }
        ]
      }
    ])
    for (const { refused } of [...(answer?.inclusion ?? []), ...(answer?.consistency ?? [])]) t.match(refused, /proof/)
    t.same([answer?.inclusion?.length, answer?.consistency?.length], [2, 2])
  })

  await t.test('we take what it signs with our key, byte for byte', async (t) => {
    const text = 'One line.\n\nAnother one.\n'
    const [answer] = await judge([{ sign: { key: signerKey(origin, privateKey), text } }])
    t.same(verifyNote(answer?.note ?? '', [readVerifierKey(verifierKey(origin, privateKey))]).text, text)
  })
})
