import t from 'tap'
import {
  type Checkpoint,
  checkpointText,
  emptyRoot,
  leafHash,
  openCheckpoint,
  readCheckpoint,
  readVerifierKey,
  signCheckpoint,
  signNote,
  verifierKey
} from '../src/index.ts'
import { codeOf, key, leafAt, origin, privateKey } from './made-log.ts'

const verifier = readVerifierKey(key)
const checkpoint: Checkpoint = { origin, size: 7, root: leafHash(leafAt(0)), extensions: [] }
const root = Buffer.from(checkpoint.root).toString('base64')

// the last letter has two bits that are not of the root
const loose = root.replace(/.=$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`)

t.test('a checkpoint is read as it was written', async (t) => {
  for (const one of [
    checkpoint,
    { ...checkpoint, extensions: ['one', 'two words'] },
    { ...checkpoint, size: 0, root: emptyRoot },
    { ...checkpoint, size: Number.MAX_SAFE_INTEGER }
  ]) {
    t.same(readCheckpoint(checkpointText(one)), one)
    t.same(openCheckpoint(signCheckpoint(privateKey, one), verifier), one)
  }
  t.equal(checkpointText(checkpoint), `${origin}\n7\n${root}\n`)
})

t.test('the checkpoint of the specification is read', async (t) => {
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
  t.match(readCheckpoint(text), { origin: 'example.com/behind-the-sofa', size: 20_852_163, extensions: { length: 0 } })
  t.equal(checkpointText(readCheckpoint(text)), text)
})

t.test('a text that is no checkpoint is refused', async (t) => {
  t.same(Buffer.from(loose, 'base64'), Buffer.from(root, 'base64'))
  const texts: [name: string, text: string][] = [
    ['nothing', ''],
    ['a line', `${origin}\n`],
    ['two lines', `${origin}\n7\n`],
    ['no last newline', `${origin}\n7\n${root}`],
    ['no origin', `\n7\n${root}\n`],
    ['an empty line', `${origin}\n7\n${root}\n\nmore\n`],
    ['an empty line at the end', `${origin}\n7\n${root}\n\n`],
    ['a zero before the size', `${origin}\n07\n${root}\n`],
    ['a sign', `${origin}\n+7\n${root}\n`],
    ['a negative size', `${origin}\n-7\n${root}\n`],
    ['a fraction', `${origin}\n7.0\n${root}\n`],
    ['an exponent', `${origin}\n7e3\n${root}\n`],
    ['hexadecimal', `${origin}\n0x7\n${root}\n`],
    ['other digits', `${origin}\n\u0667\n${root}\n`],
    ['a space', `${origin}\n7 \n${root}\n`],
    ['a size that no number holds', `${origin}\n9007199254740992\n${root}\n`],
    ['a very long size', `${origin}\n${'7'.repeat(100)}\n${root}\n`],
    ['a root that is cut', `${origin}\n7\n${root.slice(4)}\n`],
    ['a root without padding', `${origin}\n7\n${root.slice(0, -1)}\n`],
    ['a root with bits that are not read', `${origin}\n7\n${loose}\n`],
    ['leaves without a number', `${origin}\n0\n${root}\n`]
  ]
  for (const [name, text] of texts) {
    t.equal(await codeOf(() => readCheckpoint(text)), 'checkpoint-malformed', name)
    if (text.endsWith('\n')) {
      const signed = signNote(privateKey, origin, text)
      t.equal(await codeOf(() => openCheckpoint(signed, verifier)), 'checkpoint-malformed', `signed: ${name}`)
    }
  }
})

t.test('a checkpoint that would be read as another one is not written', async (t) => {
  for (const odd of [
    { ...checkpoint, origin: '' },
    { ...checkpoint, origin: `${origin}\n7` },
    { ...checkpoint, size: -1 },
    { ...checkpoint, size: 7.5 },
    { ...checkpoint, root: Buffer.alloc(31) },
    { ...checkpoint, extensions: [''] },
    { ...checkpoint, extensions: ['one\ntwo'] }
  ]) {
    t.equal(await codeOf(() => checkpointText(odd)), 'checkpoint-malformed', JSON.stringify(odd))
  }
})

t.test('a checkpoint of another log is refused, though this key has signed it', async (t) => {
  const other = signNote(privateKey, origin, checkpointText({ ...checkpoint, origin: 'example.com/other' }))
  t.equal(await codeOf(() => openCheckpoint(other, verifier)), 'other-origin')
})

t.test('a checkpoint that another key signed is refused', async (t) => {
  const other = readVerifierKey(verifierKey('example.com/other', privateKey))
  t.equal(await codeOf(() => openCheckpoint(signCheckpoint(privateKey, checkpoint), other)), 'note-unsigned')
})
