import { join } from 'node:path'
import { noSmallDisk, onSmallDisk } from '@joinery/testing/processes/on-small-disk'
import t from 'tap'

t.test('N2: a server that is killed on a full disk starts there again', { skip: noSmallDisk }, async (t) => {
  const { status, said } = onSmallDisk('4m', join(import.meta.dirname, 'inside/full-disk.ts'))
  t.equal(status, 0, said)
  t.match(said, /^ok 1 - a server that is killed on a full disk/m)
})
