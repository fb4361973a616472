import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runWith } from '@joinery/testing/command/operators'
import { buildXMod } from '@joinery/testing/judges/x-mod'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { needs } from '@joinery/testing/processes/needs'
import t from 'tap'

t.setTimeout(240_000)

t.test(
  'O5: golang.org/x/mod opens the audit log with the key that the command prints for it',
  { skip: needs('go') },
  async (t) => {
    const place = await mkdtemp(join(tmpdir(), 'joinery-x-mod-'))
    t.teardown(() => rm(place, { recursive: true }))
    const ask = await buildXMod(place)
    const pairing = await openPairing(t)
    await ready(pairing, 'worker-1')
    const joinery = async (...words: string[]) => {
      const { exitCode, out, err } = await runWith(['--socket', pairing.config.operators.socket, ...words])
      t.equal(exitCode, 0, err)
      return out.trim()
    }
    await joinery('audit', 'export', '--to', place)
    const folder = join(place, '2026')
    const [ofAll, ofLog] = [await joinery('audit', 'key'), await joinery('audit', 'key', '--log', '2026')]
    const [byAll, byLog] = await ask([
      { folder, key: ofAll },
      { folder, key: ofLog }
    ])
    t.match(byLog, { refused: '' })
    t.ok((byLog?.leaves ?? 0) > 5, 'each leaf is under the checkpoint')
    t.match(byAll, { refused: /no verifiable signatures/ }, 'other programs know no key of several logs')
    t.match(
      await runWith(['audit', 'verify', '--dir', place, '--key', ofLog]),
      { exitCode: 0 },
      'and joinery takes it as well'
    )
  }
)
