import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { skipUntraced, traced } from '@joinery/testing/processes/tracer'
import t, { type Test } from 'tap'

/** What this thread, which has the store and answers, does to files and sockets from now on; gives it in order, and stops. */
const watched = async (t: Test, file: string) => {
  // Node writes to a socket by any of these
  const calls = 'trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg'
  const tracer = await traced(t, process.pid, '-y', '-s', '16', '-o', file, '-e', calls)
  return async (): Promise<string[]> => {
    tracer.kill('SIGINT')
    await once(tracer, 'exit')
    return (await readFile(file, 'utf8')).split('\n')
  }
}

/** Of what matters: `w` a write to the WAL, `s` the WAL is on the disk, `a` the answer that something was made. */
const letterOf = (line: string): string => {
  if (/^pwrite64\(\d+<[^>]*joinery\.db-wal>/.test(line)) return 'w'
  if (/^f(data)?sync\(\d+<[^>]*joinery\.db-wal>\)\s+= 0$/.test(line)) return 's'
  return line.includes('"HTTP/1.1 201') ? 'a' : ''
}

t.test(
  'an acknowledged change was synced to the disk before its answer',
  {
    skip: skipUntraced
  },
  async (t) => {
    const pairing = await openPairing(t)
    const stop = await watched(t, join(pairing.config.state, 'trace'))
    const names = ['worker-1', 'worker-2', 'worker-3']
    for (const name of names) await pairing.code(name)
    const answers = (await stop()).map(letterOf).join('').split('a').slice(0, -1)
    t.equal(answers.length, names.length, 'each answer was seen')
    for (const [index, before] of answers.entries()) t.match(before, /^(w+s)+$/, `before answer ${index + 1}`)
  }
)
