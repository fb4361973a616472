import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { readVerifierKey, signNote, verifierKey, verifyNote } from '../src/index.ts'
import { codeOf, flipped, key, numbersFrom, origin, privateKey } from './made-log.ts'

const verifier = readVerifierKey(key)
const { privateKey: stranger } = generateKeyPairSync('ed25519')
const text = 'One line.\n\nAnother one.\n'
const note = signNote(privateKey, origin, text)
const [signature = ''] = note.slice(text.length + 1).split('\n')

/** Line of a signature with the name and the id of the key, and bytes that it did not make. */
const forged = (size: number): string =>
  `\u2014 ${origin} ${Buffer.concat([Buffer.from(verifier.id, 'hex'), Buffer.alloc(size, 1)]).toString('base64')}`

t.test('a note of the specification is verified', async (t) => {
  const known = readVerifierKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
  const signed =
    'This is an example message.\n\n\u2014 example.com/foo ' +
    'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
  t.same(verifyNote(signed, [known]), { text: 'This is an example message.\n', signers: ['example.com/foo'] })
})

t.test('a text that was signed is verified, as text and as bytes', async (t) => {
  t.same(verifyNote(note, [verifier]), { text, signers: [origin] })
  t.same(verifyNote(Buffer.from(note), [verifier]), { text, signers: [origin] })
})

t.test('a text may look like a signature, and end in an empty line', async (t) => {
  for (const odd of [`a\n\n${signature}\n`, 'a\n\n', '\n', `${note}`, '\ufeffa\n', 'a\u007f\u0085\n']) {
    t.equal(verifyNote(Buffer.from(signNote(privateKey, origin, odd)), [verifier]).text, odd, JSON.stringify(odd))
  }
})

t.test('every signature of a key that is known is verified, and others are passed over', async (t) => {
  const other = signNote(stranger, 'example.com/witness', text).slice(text.length + 1)
  const both = `${text}\n${other}${signature}\n`
  t.same(verifyNote(both, [verifier]).signers, [origin])
  const witness = readVerifierKey(verifierKey('example.com/witness', stranger))
  t.same(verifyNote(both, [verifier, witness]).signers, ['example.com/witness', origin])
  t.same(verifyNote(`${note}${signature}\n`, [verifier]).signers, [origin], 'twice the same')
  t.equal(
    await codeOf(() => verifyNote(`${note}${forged(64)}\n`, [verifier])),
    'signature-wrong',
    'one of two is wrong'
  )
})

t.test('a key of the same name does not sign for this one', async (t) => {
  t.equal(await codeOf(() => verifyNote(signNote(stranger, origin, text), [verifier])), 'note-unsigned')
  t.equal(await codeOf(() => verifyNote(signNote(privateKey, 'example.com/other', text), [verifier])), 'note-unsigned')
  t.equal(await codeOf(() => verifyNote(note, [])), 'note-unsigned')
  const renamed = note.replace(`\u2014 ${origin}`, '\u2014 example.com/other')
  t.equal(await codeOf(() => verifyNote(renamed, [verifier])), 'note-unsigned', 'the id is that of the key')
})

t.test('a signature with the name and the id of a key that did not make it is refused', async (t) => {
  for (const size of [1, 63, 64, 65, 200]) {
    t.equal(
      await codeOf(() => verifyNote(`${text}\n${forged(size)}\n`, [verifier])),
      'signature-wrong',
      `${size} bytes`
    )
  }
})

t.test('a note with one bit changed is refused', async (t) => {
  const bytes = Buffer.from(note)
  const taken: number[] = []
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const code = await codeOf(() => verifyNote(flipped(bytes, bit), [verifier]))
    if (!/^(note-malformed|note-unsigned|signature-wrong)$/.test(code ?? '')) taken.push(bit)
  }
  t.same(taken, [])
})

t.test('a note that is cut is refused', async (t) => {
  const taken = Array.from(note.slice(0, -1)).filter((_, end) => {
    try {
      return verifyNote(note.slice(0, end), [verifier])
    } catch {
      return false
    }
  })
  t.same(taken, [])
})

t.test('a text that is no note is refused', async (t) => {
  const raw = Buffer.from(note)
  const notes: [name: string, note: string | Uint8Array][] = [
    ['nothing', ''],
    ['a newline', '\n'],
    ['two newlines', '\n\n'],
    ['no text', `\n${signature}\n`],
    ['no signature', `${text}\n`],
    ['no last newline', note.slice(0, -1)],
    ['something after it', `${note}x`],
    ['a line after it', `${note}x\n`],
    ['an empty line after it', `${note}\n`],
    ['no empty line', `One line.\n${signature}\n`],
    ['CRLF', note.replaceAll('\n', '\r\n')],
    ['a tab', note.replace('One', '\tOne')],
    ['a zero byte', note.replace('One', '\0One')],
    ['a hyphen for the dash', note.replace('\u2014', '-')],
    ['a dash of another kind', note.replace('\u2014', '\u2013')],
    ['two spaces', note.replace('\u2014 ', '\u2014  ')],
    ['a space at the end', `${note.slice(0, -1)} \n`],
    ['a word too many', `${note.slice(0, -1)} x\n`],
    ['no name', note.replace(`${origin} `, '')],
    ['a name with a plus', note.replace(`${origin} `, `${origin}+ `)],
    ['a name with a space of another kind', note.replace(`${origin} `, `${origin}\u2003 `)],
    ['no base64', note.replace(/ \S+\n$/, ' ****\n')],
    ['base64 for URLs', note.replace(/ \S+\n$/, ` ${Buffer.alloc(68, 0xff).toString('base64url')}\n`)],
    ['base64 without padding', note.replace(/=+\n$/, '\n')],
    ['only a key id', note.replace(/ \S+\n$/, ` ${Buffer.alloc(4).toString('base64')}\n`)],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.of(0xff), raw])],
    ['half a pair of surrogates', `\ud800${note}`],
    ['too many signatures', `${text}\n${`${signature}\n`.repeat(65)}`],
    ['a very long one', signNote(privateKey, origin, `${'x'.repeat(300_000)}\n`)],
    ['many very long bytes', Buffer.alloc(300_000, 'a\n')]
  ]
  for (const [name, one] of notes) t.equal(await codeOf(() => verifyNote(one, [verifier])), 'note-malformed', name)
})

t.test('as many signatures as a reader must take are read', async (t) => {
  const others = Array.from({ length: 15 }, (_, at) =>
    signNote(stranger, `example.com/${at}`, text).slice(text.length + 1)
  )
  t.same(verifyNote(`${text}\n${others.join('')}${signature}\n`, [verifier]).signers, [origin])
})

t.test('random pieces of a note are refused in words, or have the text that was signed', async (t) => {
  const below = numbersFrom(11)
  const pieces = ['\n', '\n\n', '\u2014 ', origin, ' ', signature, text, '\0', '\u00e9', '+', 'AAAAAAAA', '=']
  const taken: string[] = []
  for (let run = 0; run < 500; run += 1) {
    const odd = Array.from({ length: below(9) }, () => pieces[below(pieces.length)]).join('')
    const code = await codeOf(() => verifyNote(odd, [verifier]))
    if (code === undefined && odd !== note) taken.push(odd)
  }
  t.same(
    taken.filter((odd) => verifyNote(odd, [verifier]).text !== text),
    []
  )
})

t.test('what is no text of a note is not signed', async (t) => {
  for (const odd of ['', 'no newline', 'a\tb\n', 'a\r\n', 'a\0\n', '\ud800\n']) {
    t.equal(await codeOf(() => signNote(privateKey, origin, odd)), 'note-malformed', JSON.stringify(odd))
  }
  t.equal(await codeOf(() => signNote(privateKey, 'a b', text)), 'key-malformed')
})
