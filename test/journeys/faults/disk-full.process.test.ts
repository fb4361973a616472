import { join } from 'node:path'
import { noSmallDisk, onSmallDisk } from '@joinery/testing/processes/on-small-disk'
import t from 'tap'

t.test('a server survives a full disk', { skip: noSmallDisk }, async (t) => {
  const { status, said } = onSmallDisk('3m', join(import.meta.dirname, 'inside/disk-full.ts'))
  t.equal(status, 0, said)
  t.match(said, /^ok 1 - a server with a full disk/m)
  t.match(said, /^ok 2 - a disk with room for less than a commit/m)
})
