import t from 'tap'
import {
  inclusionProof,
  openLog,
  proofText,
  readProof,
  readVerifierKey,
  verifierKey,
  verifyProof
} from '../src/index.ts'
import { codeOf, flipped, hex, key, leafAt, makeLog, privateKey } from './made-log.ts'

const verifier = readVerifierKey(key)
const made = makeLog(300)
const log = await openLog(made.read, made.head)
const { checkpoint } = made
const proof = await inclusionProof(log, 270)
const text = proofText({ index: 270, proof, checkpoint })
const withLeaf = proofText({ index: 270, proof, checkpoint, extra: leafAt(270) })

t.test('a proof is read as it was written', async (t) => {
  t.match(text, /^c2sp\.org\/tlog-proof@v1\nindex 270\n(?:[\w+/]{43}=\n)+\njoinery\.dev\/test\/log\n300\n/)
  t.same(readProof(text), { index: 270, proof, checkpoint })
  t.equal(hex(readProof(withLeaf).extra ?? Buffer.of()), hex(leafAt(270)))
  t.equal(proofText(readProof(withLeaf)), withLeaf)
})

t.test('a proof shows its leaf to whoever has the key', async (t) => {
  t.match(verifyProof(text, leafAt(270), verifier), { index: 270, size: 300 })
  const { extra = Buffer.of() } = readProof(withLeaf)
  t.match(verifyProof(withLeaf, extra, verifier), { index: 270, size: 300 })
})

t.test('a log of one leaf has a proof without hashes', async (t) => {
  const one = makeLog(1)
  const short = proofText({ index: 0, proof: [], checkpoint: one.checkpoint })
  t.match(verifyProof(short, leafAt(0), verifier), { index: 0, size: 1 })
})

t.test('a proof of another leaf, by another key or under another checkpoint is refused', async (t) => {
  t.equal(await codeOf(() => verifyProof(text, leafAt(271), verifier)), 'proof-wrong')
  t.equal(await codeOf(() => verifyProof(text.replace('index 270', 'index 271'), leafAt(270), verifier)), 'proof-wrong')
  const other = proofText({ index: 270, proof, checkpoint: makeLog(301).checkpoint })
  t.equal(await codeOf(() => verifyProof(other, leafAt(270), verifier)), 'proof-wrong')
  const stranger = readVerifierKey(verifierKey('example.com/other', privateKey))
  t.equal(await codeOf(() => verifyProof(text, leafAt(270), stranger)), 'note-unsigned')
})

t.test('a proof with one bit changed is refused', async (t) => {
  const bytes = Buffer.from(text)
  const taken: number[] = []
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = flipped(bytes, bit)
    const code = await codeOf(() => verifyProof(changed.toString(), leafAt(270), verifier))
    if (code === undefined) taken.push(bit)
  }
  t.same(taken, [])
})

t.test('a text that is no proof is refused', async (t) => {
  const [hash = ''] = proof.map((one) => Buffer.from(one).toString('base64'))
  const texts: [name: string, text: string][] = [
    ['nothing', ''],
    ['a checkpoint', checkpoint],
    ['another version', text.replace('@v1', '@v2')],
    ['no empty line', text.replaceAll('\n\n', '\n')],
    ['no index', text.replace('index 270\n', '')],
    ['a zero before the index', text.replace('270', '0270')],
    ['an index that no number holds', text.replace('270', '9007199254740993')],
    ['a negative index', text.replace('270', '-1')],
    ['the index twice', text.replace('index 270\n', 'index 270\nindex 270\n')],
    ['extra data twice', withLeaf.replace('extra ', 'extra AAAA\nextra ')],
    ['extra data after the index', text.replace('index 270\n', 'index 270\nextra AAAA\n')],
    ['extra data that is no base64', withLeaf.replace('extra ', 'extra *')],
    ['a hash that is cut', text.replace(hash, hash.slice(4))],
    ['a hash without padding', text.replace(hash, hash.slice(0, -1))],
    ['too many hashes', text.replace(hash, Array(65).fill(hash).join('\n'))],
    ['CRLF', text.replaceAll('\n', '\r\n')],
    ['a very long one', text.replace('index', `${'x'.repeat(600_000)}\nindex`)]
  ]
  for (const [name, one] of texts) t.equal(await codeOf(() => readProof(one)), 'proof-malformed', name)
})

t.test('extra data of the largest leaf fits', async (t) => {
  const extra = Buffer.alloc(65_535, 1)
  t.equal(readProof(proofText({ index: 270, proof, checkpoint, extra })).extra?.length, extra.length)
})
